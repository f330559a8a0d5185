"""The audit log: a deed is written before it is done, its outcome after, and both are read as one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from heavylift.audit import Actor, AuditEntry, Deed, Door, Outcome
from heavylift.record import from_ms
from heavylift.store.calls.call import Call, Limits, pairs, reach_text


@dataclass(frozen=True, slots=True)
class BeginDeed(Call[str]):
    """(nothing) → a deed that is begun. Returns its id. Of more than ``Limits.audit_length`` the oldest go.

    It does not grow, although it brings something in: a full Redis must let operators make room, and what they do is bounded.
    """

    script = "audit_begin"
    deed: Deed

    def arguments(self, limits: Limits) -> list[str]:
        deed, actor = self.deed, self.deed.actor
        told = [actor.tenant, deed.action, actor.key, deed.target, actor.door, actor.name, deed.request, json.dumps(deed.details)]
        return [str(limits.audit_length), *told]

    def parse(self, reply: Any) -> str:
        return str(reply)


@dataclass(frozen=True, slots=True)
class EndDeed(Call[bool]):
    """Begun → ended. Whether it was: one that has an outcome keeps it, and one that is too old is not there any more."""

    script = "audit_end"
    repeatable = True
    id: str
    outcome: Outcome

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        changed = self.outcome.changed
        return [self.id, self.outcome.told, "" if changed is None else str(changed)]

    def parse(self, reply: Any) -> bool:
        return bool(reply)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first. ``cursor`` goes on after them, None at the end; a page may be short and still have one."""

    entries: tuple[AuditEntry, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ReadAudit(Call[AuditPage]):
    """One page of the log: what was done by keys of the tenant ``reach``, or None for all, and fits what is asked for."""

    script = "audit_read"
    repeatable = True
    count: int = 50
    cursor: str | None = None
    reach: str | None = None
    action: str | None = None
    key: str | None = None
    target: str | None = None

    BUDGET: ClassVar[int] = 1000  #: Entries looked at in one call.

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        wanted = [reach_text(one) for one in (self.reach, self.action, self.key, self.target)]
        return [str(self.count), str(self.BUDGET), self.cursor or "", *wanted]

    def parse(self, reply: Any) -> AuditPage:
        return AuditPage(tuple(_entry(row) for row in reply[1:]), reply[0] or None)


def _entry(row: Sequence[Any]) -> AuditEntry:
    id_, flat, end = row
    told = dict(pairs(flat))
    ended_at, outcome = _ended(end)
    return AuditEntry(
        id=id_,
        at=from_ms(int(id_.partition("-")[0])),
        actor=Actor(Door(told["door"]), told["name"], told["key"], told["tenant"]),
        action=told["action"],
        target=told["target"],
        request=told["request"],
        details=json.loads(told["details"]),
        outcome=outcome,
        ended_at=ended_at,
    )


def _ended(end: str) -> tuple[datetime | None, Outcome | None]:
    if not end:
        return None, None
    at, changed, told = end.split(" ", 2)
    return from_ms(int(at)), Outcome(told, int(changed) if changed != "-" else None)
