"""Why a task is where it is."""

from dataclasses import dataclass
from datetime import datetime

from heavylift.client.values.queues import QueuePause
from heavylift.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """When a task will probably start, and what that is reckoned from."""

    starts_at: datetime
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a task is where it is.

    ``waits_for`` is a word such as ``turn`` or ``no_worker``, None for one that has started or ended; ``reason`` says the same in
    a sentence. ``ahead`` counts the tasks that come first, ``workers`` the children that take such tasks now.
    """

    id: str
    state: State
    reason: str
    since: datetime
    waits_for: str | None = None
    ahead: int | None = None
    workers: int | None = None
    scaling: str | None = None
    pause: QueuePause | None = None
    estimate: Estimate | None = None
