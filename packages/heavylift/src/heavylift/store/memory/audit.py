"""The audit log."""

from dataclasses import replace

from heavylift.audit import AuditEntry
from heavylift.store import calls
from heavylift.store.calls import AuditPage
from heavylift.store.memory.tables import Tables


def begin_deed(tables: Tables, call: calls.BeginDeed) -> str:
    deed, now = call.deed, tables.now()
    id_ = f"{calls.moment_of(now) // 1000}-{next(tables.entries)}"
    tables.audit[id_] = AuditEntry(id_, now, deed.actor, deed.action, deed.target, deed.request, deed.details)
    too_many = min(len(tables.audit) - tables.limits.audit_length, 100)
    for gone in [*tables.audit][: max(too_many, 0)]:
        del tables.audit[gone]
    return id_


def end_deed(tables: Tables, call: calls.EndDeed) -> bool:
    entry = tables.audit.get(call.id)
    if entry is None or entry.outcome is not None:
        return False
    tables.audit[call.id] = replace(entry, outcome=call.outcome, ended_at=tables.now())
    return True


def read_audit(tables: Tables, call: calls.ReadAudit) -> AuditPage:
    newest_first = [
        entry for entry in reversed(tables.audit.values()) if call.cursor is None or _is_before(entry.id, call.cursor)
    ]
    page: list[AuditEntry] = []
    last = ""
    for entry in newest_first[: call.BUDGET]:
        if len(page) == call.count:
            return AuditPage(tuple(page), last)
        last = entry.id
        if _fits(entry, call):
            page.append(entry)
    return AuditPage(tuple(page), last if len(newest_first) >= call.BUDGET else None)


def _fits(entry: AuditEntry, call: calls.ReadAudit) -> bool:
    asked = (
        (call.reach, entry.actor.tenant),
        (call.action, entry.action),
        (call.key, entry.actor.key),
        (call.target, entry.target),
    )
    return all(wanted in (None, value) for wanted, value in asked)


def _is_before(id_: str, other: str) -> bool:
    return tuple(map(int, id_.split("-"))) < tuple(map(int, other.split("-")))
