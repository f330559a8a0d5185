"""What is where, and how much of it."""

from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """One queue: tasks ready and running now, the age in seconds of the oldest that waits, and counts since the beginning."""

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


@dataclass(frozen=True, slots=True)
class StatisticsReply:
    """The whole store: tasks that wait for their time, consumers with a lease, and every queue."""

    scheduled: int
    consumers: int
    queues: tuple[QueueStatistics, ...]


@dataclass(frozen=True, slots=True)
class Statistics(Call[StatisticsReply]):
    """What is where, in constant time per queue."""

    script = "statistics"

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return []

    def parse(self, reply: Any) -> StatisticsReply:
        queues = tuple(
            QueueStatistics(queue, ready, running, oldest / 1000, *(int(number) for number in counts))
            for queue, ready, running, oldest, *counts in reply[2:]
        )
        return StatisticsReply(reply[0], reply[1], tuple(sorted(queues, key=lambda q: q.queue)))
