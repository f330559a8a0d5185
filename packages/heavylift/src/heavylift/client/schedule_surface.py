"""What can be done with schedules, written once for blocking and for asyncio code."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from heavylift.client.asks import Steps
from heavylift.client.errors import faulty
from heavylift.client.item import Item, Kind
from heavylift.client.scheduling import Scheduling
from heavylift.client.values import Fault, Receipt, Schedule, ScheduleSummary
from heavylift.record import Priority
from heavylift.schedule import Missed, Overlap


class When(TypedDict, total=False):
    """When a schedule comes: by ``cron`` in its ``timezone``, or ``every`` so many seconds, from ``start`` to ``end``.

    ``missed`` says what becomes of times that pass unseen, ``overlap`` of those at which a task before has not ended.
    """

    cron: str | None
    every: float | timedelta | None
    timezone: str | None
    start: datetime | None
    end: datetime | None
    missed: Missed | str | None
    overlap: Overlap | str | None
    paused: bool | None


class ScheduleSurface:
    """Tasks that come again and again. ``tenant`` is for administrators of none; left out it is the caller's own."""

    def __init__(self, operations: Scheduling) -> None:
        self._operations = operations

    def list(self) -> Steps[tuple[ScheduleSummary, ...]]:
        """All schedules, by name, without their payloads."""
        return self._operations.schedules()

    def read(self, name: str, *, tenant: str | None = None) -> Steps[Schedule]:
        """One schedule, its next five times and its last five tasks. Raises ScheduleUnknown."""
        return self._operations.read_schedule(name, tenant)

    def put(
        self,
        name: str,
        kind: Kind,
        payload: Any = None,
        /,
        *,
        queue: str | None = None,
        priority: Priority | str | None = None,
        expires: float | timedelta | None = None,
        tags: Sequence[str] = (),
        tenant: str | None = None,
        version: int | None = None,
        **when: Unpack[When],
    ) -> Steps[Schedule]:
        """Make a schedule, or another of one; from its next time on it submits such a task at each of them.

        ``version`` is the one that is known: another is left as it is, and 0 stands for no schedule at all. Raises
        ScheduleChanged, KindUnknown, PayloadUnfit, RequestInvalid.
        """
        task = Item(kind, payload, queue=queue, priority=priority, expires=expires, tags=tags).members()
        return self._operations.put_schedule(name, task | _members(when), tenant, version)

    def pause(self, name: str, *, tenant: str | None = None) -> Steps[Schedule]:
        """Let it rest until it is resumed. Raises ScheduleUnknown."""
        return self._operations.pause_schedule(name, tenant)

    def resume(self, name: str, *, tenant: str | None = None) -> Steps[Schedule]:
        """Let it come again, from its next time on: what has passed is not made up for. Raises ScheduleUnknown."""
        return self._operations.resume_schedule(name, tenant)

    def trigger(self, name: str, *, tenant: str | None = None) -> Steps[Receipt]:
        """A task of it now, besides its times, paused or not. Raises ScheduleUnknown."""
        return self._operations.trigger_schedule(name, tenant)

    def drop(self, name: str, *, tenant: str | None = None, version: int | None = None) -> Steps[Schedule]:
        """Drop it, and tell what was known of it; its tasks stay. Raises ScheduleUnknown, ScheduleChanged."""
        return self._operations.drop_schedule(name, tenant, version)


def _members(when: When) -> dict[str, Any]:
    return {name: _json(name, value) for name, value in when.items() if value is not None}


def _json(name: str, value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise faulty([Fault(name, "says no offset from UTC; give one, as in datetime.now(UTC)")])
    return value.isoformat()
