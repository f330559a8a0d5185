"""Why a task is where it is, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from heavylift.state import State
from heavylift.store.calls import QueuePause


class Obstacle(StrEnum):
    """What a task waits for."""

    DELAY = "delay"  #: The time for which it was submitted.
    RETRY = "retry"  #: The end of the pause after an attempt that failed.
    PAUSED = "paused"  #: That somebody resumes its queue, or the pause ends.
    NO_WORKER = "no_worker"  #: A worker: none that lives takes such tasks.
    SCALING = "scaling"  #: Workers that are ordered and on their way.
    WORKERS_RESTING = "workers_resting"  #: A worker: those that take such tasks are about to leave.
    TURN = "turn"  #: Its turn, behind others.
    NEXT = "next"  #: Nothing but a worker that is free: it is the first.


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a task will probably start, and what that is reckoned from."""

    starts_at: datetime
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a task is where it is: ``waits_for`` is in the way of its start ``since`` then, and ``reason`` says so in a sentence.

    None in ``waits_for``, ``ahead`` and ``workers``: it has started or ended. ``ahead`` counts the tasks that come first,
    to 1000; ``workers`` the children that take such tasks now; ``scaling`` is what the autoscaler said of its pool.
    """

    id: str
    state: State
    waits_for: Obstacle | None
    reason: str
    since: datetime
    ahead: int | None
    workers: int | None
    scaling: str | None
    pause: QueuePause | None
    estimate: Estimate | None
