"""Tasks that come again and again: schedules are put, read, dropped, and fired."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from heavylift.record import Accepted, Durability, Standing, Submission, from_ms
from heavylift.schedule import FiredTask, KeptSchedule, Schedule, TimingInvalid, queue_of
from heavylift.schedule.schedule import place_of
from heavylift.store.calls.call import Call, Limits, milliseconds, moment_text, reach_text
from heavylift.store.calls.submit import Submit

MOST_SCHEDULES: Final = 5_000
NONE: Final = 0  #: As the version that is known: there is no such schedule.


class ScheduleStanding(StrEnum):
    """What became of a schedule that was to be put or dropped."""

    PUT = "put"
    DROPPED = "dropped"
    CHANGED = "changed"  #: It is of another version than the one that was known, and is left as it is.
    FULL = "full"  #: There are as many as there may be.
    NONE = "none"  #: There is none of this name.


@dataclass(frozen=True, slots=True)
class ScheduleReply:
    """The schedule as it is from now on, or was until now; None unless it was put or dropped."""

    standing: ScheduleStanding
    kept: KeptSchedule | None = None


@dataclass(frozen=True, slots=True)
class PutSchedule(Call[ScheduleReply]):
    """(nothing) → a schedule, or another in the place of one.

    ``known`` is its version, NONE where there is to be none yet, None for any. It comes next at ``next_at``, and again ``apart``
    seconds after that.
    """

    script = "put_schedule"
    repeatable = True
    grows = True
    schedule: Schedule
    next_at: datetime | None
    apart: float = 0.0
    known: int | None = None
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        schedule = self.schedule
        return [
            *(schedule.place, schedule.definition, schedule.payload, schedule.kind, queue_of(schedule), schedule.executor),
            *(moment_text(self.next_at), str(milliseconds(self.apart)), _version_text(self.known), str(MOST_SCHEDULES)),
        ]

    def parse(self, reply: Any) -> ScheduleReply:
        return _standing(reply)


@dataclass(frozen=True, slots=True)
class DropSchedule(Call[ScheduleReply]):
    """A schedule goes, and its tasks stay. ``known``: its version, None for any."""

    script = "drop_schedule"
    tenant: str
    name: str
    known: int | None = None
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [place_of(self.tenant, self.name), _version_text(self.known)]

    def parse(self, reply: Any) -> ScheduleReply:
        return _standing(reply)


@dataclass(frozen=True, slots=True)
class SchedulesReply:
    """Schedules, by tenant and name, at a time of the store's own clock."""

    now: datetime
    schedules: tuple[KeptSchedule, ...]


@dataclass(frozen=True, slots=True)
class ReadSchedule(Call[SchedulesReply]):
    """One schedule, or none."""

    script = "read_schedule"
    repeatable = True
    tenant: str
    name: str

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [place_of(self.tenant, self.name)]

    def parse(self, reply: Any) -> SchedulesReply:
        return _several(reply)


@dataclass(frozen=True, slots=True)
class ReadSchedules(Call[SchedulesReply]):
    """All schedules within ``reach``, without their payloads."""

    script = "read_schedules"
    repeatable = True
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [reach_text(self.reach)]

    def parse(self, reply: Any) -> SchedulesReply:
        return _several(reply)


@dataclass(frozen=True, slots=True)
class DueReply:
    """Schedules whose time has come, the longest ago first, and the seconds until the next one, None where there is none.

    ``unreadable`` are the places of those that were written in words unknown here, by a version to come perhaps.
    """

    now: datetime
    until_next: float | None
    due: tuple[KeptSchedule, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DueSchedules(Call[DueReply]):
    """What has come, ``most`` of it."""

    script = "due_schedules"
    repeatable = True
    most: int = 32

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [str(self.most)]

    def parse(self, reply: Any) -> DueReply:
        now, until_next, *rows = reply
        due = _readable(rows)
        read = {kept.schedule.place for kept in due}
        return DueReply(
            from_ms(int(now)),
            None if int(until_next) < 0 else int(until_next) / 1000,
            due,
            tuple(row[0] for row in rows if row and row[0] not in read),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire(Call[tuple[Accepted, ...] | None]):
    """``tasks`` are submitted, each for the time in ``dues`` beside it, and the schedule comes again at ``following``.

    All that in one step, if ``kept`` is still what is kept; else nothing happens and the answer is None. ``due`` is the time that
    has come; None lets somebody trigger it besides its times, for which ``dues`` are None, too. The answers are those of
    ``Submit``, and so are the errors, QueueFull and NotReplicated.
    """

    script = "fire"
    repeatable = True
    grows = True
    kept: KeptSchedule
    due: datetime | None
    tasks: tuple[Submission, ...]
    dues: tuple[datetime | None, ...]
    following: datetime | None = None
    apart: float = 0.0
    missed: int = 0
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:
        times = [text for task, due in zip(self.tasks, self.dues, strict=True) for text in (task.id, moment_text(due))]
        return [
            *(self.kept.schedule.place, str(self.kept.version), moment_text(self.due), moment_text(self.following)),
            *(str(milliseconds(self.apart)), str(self.missed), str(len(self.tasks)), *times),
            *self.submit.arguments(limits),
        ]

    def parse(self, reply: Any) -> tuple[Accepted, ...] | None:
        return None if reply is None else self.submit.parse(reply)

    @property
    def submit(self) -> Submit:
        """The part of it that makes the tasks."""
        return Submit(self.tasks, self.durability)


def _version_text(known: int | None) -> str:
    return "" if known is None else str(known)


def _standing(reply: Sequence[Any]) -> ScheduleReply:
    standing, *told = reply
    return ScheduleReply(ScheduleStanding(standing), _kept(told[0]) if told else None)


def _several(reply: Sequence[Any]) -> SchedulesReply:
    now, *rows = reply
    kept = sorted(_readable(rows), key=lambda each: (each.schedule.tenant, each.schedule.name))
    return SchedulesReply(from_ms(int(now)), tuple(kept))


def _readable(rows: Sequence[Any]) -> tuple[KeptSchedule, ...]:
    """One that this version cannot read must not hide the others."""
    return tuple(kept for row in rows if row and (kept := _if_readable(row)) is not None)


def _if_readable(row: Sequence[Any]) -> KeptSchedule | None:
    try:
        return _kept(row)
    except (AttributeError, KeyError, TypeError, ValueError, TimingInvalid):
        return None


def _kept(row: Sequence[Any]) -> KeptSchedule:
    _, (definition, version, created_at, changed_at, next_at, last_at, tasks, fired, skipped, missed, apart, *payload) = row
    return KeptSchedule(
        schedule=Schedule.read(definition, payload[0] if payload else "{}"),
        version=int(version),
        created_at=from_ms(int(created_at)),
        changed_at=from_ms(int(changed_at)),
        next_at=_moment(next_at),
        last_at=_moment(last_at),
        tasks=tuple(_fired(*task) for task in json.loads(tasks or "[]")),
        fired=int(fired or 0),
        skipped=int(skipped or 0),
        missed=int(missed or 0),
        apart=int(apart or 0) / 1000,
    )


def _fired(id_: str, standing: str, due: str, at: str) -> FiredTask:
    return FiredTask(id_, Standing(standing), _moment(due), from_ms(int(at)))


def _moment(text: str) -> datetime | None:
    return from_ms(int(text)) if text else None
