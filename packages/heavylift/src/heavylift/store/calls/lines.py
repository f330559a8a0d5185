"""A queue has a line for each kind of child, and a line has four lanes."""

from collections.abc import Sequence
from typing import Final

from heavylift.record import Executor

LANES: Final = ("returned", "high", "normal", "low")


def lines(queues: Sequence[str], executors: Sequence[Executor]) -> list[str]:
    """The lines of these queues for these kinds of child, in the order of the queues."""
    return [f"{queue}:{executor}" for queue in queues for executor in executors]
