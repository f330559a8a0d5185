"""What is known of a schedule."""

import json
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from heavylift.record import Executor, Form, Priority, Standing
from heavylift.schedule.timing import Timing


class Missed(StrEnum):
    """What becomes of times that have passed while nothing fired: no scheduler ran, or Redis was away."""

    ONE = "one"  #: One task for all of them.
    SKIP = "skip"  #: None, beyond a delay of a minute.
    ALL = "all"  #: A task for each of the last hundred.


class Overlap(StrEnum):
    """What becomes of a time at which the task of an earlier one has not ended."""

    ALLOW = "allow"  #: There is another task.
    SKIP = "skip"  #: There is none.


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A task that is to be submitted again and again, as it is asked for. ``name`` is its own within its ``tenant``.

    ``payload`` is a JSON text. ``queue`` and ``priority`` are None where those of the kind are meant, whatever these will be;
    ``expires`` is how many seconds after its time a task must have started. ``executor``, ``form`` and ``max_attempts`` are those
    of the kind when the schedule was put, for the day on which its workers have gone.
    """

    name: str
    kind: str
    timing: Timing
    payload: str = "{}"
    tenant: str = ""
    queue: str | None = None
    priority: Priority | None = None
    expires: float | None = None
    tags: tuple[str, ...] = ()
    missed: Missed = Missed.ONE
    overlap: Overlap = Overlap.ALLOW
    paused: bool = False
    form: Form = Form.PAYLOAD
    executor: Executor = Executor.PROCESS
    max_attempts: int = 1
    kind_queue: str = "default"  #: The kind's, when the schedule was put.
    kind_priority: Priority = Priority.NORMAL

    @property
    def place(self) -> str:
        """What it is called among those of all tenants."""
        return place_of(self.tenant, self.name)

    @property
    def definition(self) -> str:
        """All of it but the payload, as JSON."""
        told = {name: value for name, value in asdict(self).items() if name != "payload"}
        return json.dumps(told, default=_written, separators=(",", ":"), sort_keys=True)

    @classmethod
    def read(cls, definition: str, payload: str) -> Self:
        """From JSON. Fields that this version does not know are left aside."""
        told = json.loads(definition)
        timing = {name: told["timing"].get(name) for name in ("cron", "every", "start", "end")}
        timing |= {name: None if timing[name] is None else datetime.fromisoformat(timing[name]) for name in ("start", "end")}
        known = {each.name: told[each.name] for each in fields(cls) if each.name in told}
        return cls(
            **known
            | {name: kind(known[name]) for name, kind in _ENUMS.items() if known.get(name) is not None}
            | {"timing": Timing(**timing, timezone=told["timing"]["timezone"]), "tags": tuple(known["tags"]), "payload": payload}
        )

    def with_pause(self, *, paused: bool) -> Self:
        """The same, paused or not."""
        return replace(self, paused=paused)


_ENUMS: dict[str, type[StrEnum]] = {
    "missed": Missed,
    "overlap": Overlap,
    "priority": Priority,
    "kind_priority": Priority,
    "form": Form,
    "executor": Executor,
}


@dataclass(frozen=True, slots=True)
class FiredTask:
    """A task that a schedule has submitted, or that held the place of one. ``due`` is None where somebody triggered it."""

    id: str
    standing: Standing
    due: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSchedule:
    """A schedule as the store knows it. ``version`` is another after each change.

    ``next_at`` is None where it does not come again, or is paused; ``apart`` is how many seconds later the time after that comes,
    0 where there is none. ``last_at`` is the time that it came for last. ``tasks`` are the last ones, the newest first.
    ``fired``, ``skipped`` and ``missed`` count times: that made a task, that made none because of another task, and that passed
    unseen and were not made up for.
    """

    schedule: Schedule
    version: int
    created_at: datetime
    changed_at: datetime
    next_at: datetime | None = None
    last_at: datetime | None = None
    tasks: tuple[FiredTask, ...] = field(default=())
    fired: int = 0
    skipped: int = 0
    missed: int = 0
    apart: float = 0.0


def place_of(tenant: str, name: str) -> str:
    """What a schedule is called among those of all tenants. Neither part has a slash."""
    return f"{tenant}/{name}"


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be written as JSON")
