"""Who takes tasks, and what they run."""

from dataclasses import dataclass
from datetime import datetime

from heavylift.record import Executor


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTask:
    """A task that a worker has in hand, ``since`` then."""

    id: str
    kind: str
    queue: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A child of a worker that lives. It has ``in_hand`` tasks; ``running`` are ten of them at most.

    ``host`` is in Kubernetes the name of the pod. At ``lease_ends_at`` its tasks are handed on unless it says before then that it
    lives. One that ``rests`` takes nothing more, as it is about to leave.
    """

    name: str
    host: str
    queues: tuple[str, ...]
    executors: tuple[Executor, ...]
    lease_ends_at: datetime
    rests: bool
    in_hand: int
    running: tuple[RunningTask, ...]
