"""What is where, and how much of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from heavylift.state import FailureReason
from heavylift.store.calls.call import Call, Limits, pairs

#: What is counted of each queue since it is known.
COUNTERS: Final = (
    "submitted",
    "succeeded",
    "failed",
    "cancelled",
    "expired",
    "retried",
    "replayed",
    "discarded",
    "dropped",
    "lapsed",
)


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """One queue: tasks ready and running now, the age in seconds of the oldest that waits, and counts since the beginning.

    ``paused``: whether it gives nothing out at the moment.
    """

    queue: str
    ready: int
    running: int
    oldest_age: float
    submitted: int
    succeeded: int
    failed: int
    cancelled: int
    expired: int
    retried: int
    replayed: int = 0
    discarded: int = 0
    dropped: int = 0
    lapsed: int = 0
    paused: bool = False

    @property
    def counts(self) -> Mapping[str, int]:
        """The counts since the beginning, by what they count."""
        return {counter: getattr(self, counter) for counter in COUNTERS}


@dataclass(frozen=True, slots=True)
class DeadCount:
    """How many dead letters of a queue there are for a reason."""

    queue: str
    reason: FailureReason
    count: int


@dataclass(frozen=True, slots=True)
class StatisticsReply:
    """The whole store: tasks that wait for their time, consumers with a lease, every queue, and dead letters."""

    scheduled: int
    consumers: int
    queues: tuple[QueueStatistics, ...]
    dead: tuple[DeadCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics(Call[StatisticsReply]):
    """What is where, in constant time per queue."""

    script = "statistics"
    repeatable = True

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return list(COUNTERS)

    def parse(self, reply: Any) -> StatisticsReply:
        queues = (_statistics(row) for row in reply[3:])
        dead = sorted((_dead_count(place, int(count)) for place, count in pairs(reply[2])), key=lambda d: (d.queue, d.reason))
        return StatisticsReply(reply[0], reply[1], tuple(sorted(queues, key=lambda q: q.queue)), tuple(dead))


def _statistics(row: Sequence[Any]) -> QueueStatistics:
    queue, ready, running, oldest, paused, *counts = row
    counted = {counter: int(number) for counter, number in zip(COUNTERS, counts, strict=True)}
    return QueueStatistics(queue, ready, running, oldest / 1000, **counted, paused=bool(paused))


def _dead_count(place: str, count: int) -> DeadCount:
    reason, _, queue = place.partition(":")
    return DeadCount(queue, FailureReason(reason), count)
