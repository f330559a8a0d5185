"""Schedules: tasks that come again and again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heavylift.record import Priority
from heavylift.schedule import Missed, Overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledTask:
    """A task of a schedule. ``due`` is the time that it is for, None where somebody triggered it.

    ``made`` is False where this task had not ended, and no other was made.
    """

    id: str
    due: datetime | None
    at: datetime
    made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTimes:
    """Of how many times a task was ``made``; of how many the place was ``taken`` by one before, and how many were ``missed``."""

    made: int
    taken: int
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSummary:
    """A schedule as lists show it. It comes by ``cron`` in its ``timezone``, or ``every`` so many seconds.

    ``version`` is another after each change. ``next_at`` is None where it is paused or does not come again. ``tasks`` are the
    last five, the newest first.
    """

    name: str
    kind: str
    version: int
    created_at: datetime
    changed_at: datetime
    times: ScheduleTimes
    tenant: str = ""
    queue: str | None = None
    priority: Priority | None = None
    expires: float | None = None
    tags: tuple[str, ...] = ()
    cron: str | None = None
    every: float | None = None
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    missed: Missed = Missed.ONE
    overlap: Overlap = Overlap.ALLOW
    paused: bool = False
    next_at: datetime | None = None
    last_at: datetime | None = None
    tasks: tuple[ScheduledTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(ScheduleSummary):
    """Everything that is known of a schedule. ``redacted``: its payload is held back, as the key lacks the scope ``payload``."""

    payload: Any = None
    redacted: bool = False
    next_times: tuple[datetime, ...] = ()
