"""Queues, as they are now."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePause:
    """Somebody has paused a queue: it takes tasks and gives none out. ``until`` None: until somebody resumes it."""

    since: datetime
    until: datetime | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRate:
    """Tasks that came into a queue and that ended, per second, in the last ``over`` seconds."""

    came: float
    ended: float
    over: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What a queue holds. ``oldest_age`` is in seconds; ``workers`` are the children that take tasks from it now.

    ``limit`` tasks may wait in it, ready and scheduled; None: any number.
    """

    name: str
    ready: int
    running: int
    scheduled: int
    oldest_age: float
    workers: int
    limit: int | None = None
    pause: QueuePause | None = None
    rate: QueueRate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What a purge would do: so many are ``waiting``, and the ``token`` confirms that they go, until ``expires_at``.

    Confirmed, it has ``cancelled`` so many.
    """

    queue: str
    waiting: int
    cancelled: int
    more: bool
    token: str | None = None
    expires_at: datetime | None = None
