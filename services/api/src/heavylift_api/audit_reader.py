"""Reading the audit log."""

import re
from typing import Final
from urllib.parse import urlencode

from heavylift.audit import AuditEntry
from heavylift.store.calls import ReadAudit
from heavylift_api.audit_shapes import AuditEntryView, AuditLog, AuditQuery
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import CursorInvalid

_CURSOR: Final = re.compile(r"\d{1,15}-\d{1,15}", re.ASCII)


class AuditReader:
    """Answers what operators did. A tenant sees what was done with its own keys."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def read(self, caller: Caller, query: AuditQuery, path: str) -> AuditLog:
        """One page; its ``next`` is an address under ``path``. Raises CursorInvalid, SubmissionInvalid."""
        if query.cursor is not None and not _CURSOR.fullmatch(query.cursor):
            raise CursorInvalid
        page = await self._store.run(
            ReadAudit(query.limit, query.cursor, caller.reach_of(query.tenant), query.action, query.key, query.target)
        )
        return AuditLog(
            entries=tuple(_view(entry) for entry in page.entries),
            cursor=page.cursor,
            next=None if page.cursor is None else f"{path}?{_following(query, page.cursor)}",
        )


def _following(query: AuditQuery, cursor: str) -> str:
    return urlencode(query.model_dump(exclude_none=True) | {"cursor": cursor})


def _view(entry: AuditEntry) -> AuditEntryView:
    actor, outcome = entry.actor, entry.outcome
    return AuditEntryView(
        id=entry.id,
        at=entry.at,
        action=entry.action,
        target=entry.target,
        door=actor.door,
        key=actor.key or None,
        name=actor.name or None,
        tenant=actor.tenant,
        request=entry.request or None,
        details=dict(entry.details),
        outcome=None if outcome is None else outcome.told,
        changed=None if outcome is None else outcome.changed,
        ended_at=entry.ended_at,
    )
