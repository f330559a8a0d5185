"""A queue has a line for each kind of child, and a line has four lanes, each a stream."""

from collections.abc import Sequence
from typing import Final

from heavylift.record import Executor

#: What came back from a dead or stopping worker waited longest; then the three priorities.
LANES: Final = ("returned", "high", "normal", "low")


def stream_of(queue: str, executor: str, lane: str) -> str:
    """The name of one lane."""
    return f"{queue}:{executor}:{lane}"


def streams(queues: Sequence[str], executors: Sequence[Executor] = (Executor.PROCESS,)) -> list[str]:
    """Every lane of these queues for these kinds of child, in strict order: queue by queue, the more urgent lane first."""
    return [stream_of(queue, executor, lane) for queue in queues for lane in LANES for executor in executors]
