"""Queues, as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from heavylift.store.calls.call import Call, Limits, milliseconds
from heavylift.store.calls.pauses import QueuePause, pause_from

BEAT: Final = 5.0  #: Seconds between two of the moments since which it is told how fast a queue moves.


@dataclass(frozen=True, slots=True)
class Pulse:
    """How fast a queue moves: tasks that came into it and tasks that ended, per second, in the last ``over`` seconds."""

    came: float
    ended: float
    over: float


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue: tasks ``ready`` and ``running`` now, and ``scheduled``, which wait for their time.

    ``oldest_age``: seconds for which the task that has been ready for longest waits. ``consumers`` take from it and do not rest.
    ``pulse`` is None where nobody has looked before, ``limit``, of those that wait, where there is none.
    """

    queue: str
    ready: int
    running: int
    scheduled: int
    oldest_age: float
    consumers: int
    pause: QueuePause | None
    pulse: Pulse | None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Queues by name, and whether there are more behind the last."""

    queues: tuple[QueueState, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class ReadQueues(Call[QueuePage]):
    """A page of all queues, behind the one that is named ``after``; or the one that is named ``queue``, if there is one."""

    script = "queues"
    repeatable = True
    queue: str = ""
    after: str = ""
    count: int = 200
    beat: float = BEAT

    def arguments(self, limits: Limits) -> list[str]:
        return [self.queue, self.after, str(self.count), str(milliseconds(self.beat)), usual_limit(limits)]

    def parse(self, reply: Any) -> QueuePage:
        return QueuePage(tuple(_state(row) for row in reply[1:]), bool(reply[0]))


def _state(row: Sequence[Any]) -> QueueState:
    queue, ready, running, scheduled, oldest, consumers, pause, pulse, limit = row
    return QueueState(
        queue,
        ready,
        running,
        scheduled,
        oldest / 1000,
        consumers,
        pause_from(pause),
        pulse_from(pulse),
        int(limit) if limit else None,
    )


def usual_limit(limits: Limits) -> str:
    """How many tasks may wait in a queue that has no limit of its own, as the scripts take it: '' for any number."""
    return str(limits.queue_length) if limits.queue_length else ""


@dataclass(frozen=True, slots=True)
class LimitQueue(Call[bool]):
    """From now on only so many tasks may wait in a queue; None: as many as in any other. False when no such queue is known.

    Those that wait already stay. Attempts that follow, what comes back from workers and replays come in whatever waits.
    """

    script = "limit"
    repeatable = True
    queue: str
    length: int | None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.queue, "" if self.length is None else str(self.length)]

    def parse(self, reply: Any) -> bool:
        return bool(reply)


def pulse_from(told: Sequence[int]) -> Pulse | None:
    """How a queue moves, of what a script tells."""
    if not told:
        return None
    came, ended, ms = told
    return Pulse(came * 1000 / ms, ended * 1000 / ms, ms / 1000)
