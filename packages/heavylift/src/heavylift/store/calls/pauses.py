"""Queues that give nothing out for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heavylift.record import from_ms
from heavylift.store.calls.call import Call, Limits, milliseconds


@dataclass(frozen=True, slots=True)
class QueuePause:
    """That a queue gives nothing out ``since`` then, until ``ends_at`` or for good, on whose word and for which reason."""

    since: datetime
    ends_at: datetime | None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Paused:
    """A queue is paused; ``changed``: it was not before."""

    pause: QueuePause
    changed: bool


@dataclass(frozen=True, slots=True)
class PauseQueue(Call[Paused | None]):
    """From this moment on nobody takes a task of the queue in hand, for so many ``seconds`` or until it is resumed.

    It takes submissions, what runs goes on, and what is due is queued. Paused again, it is paused on the new terms. None when no
    queue of this name is known.
    """

    script = "pause"
    repeatable = True
    queue: str
    seconds: float | None = None
    by: str = ""
    reason: str = ""

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.queue, str(milliseconds(self.seconds or 0)), self.by, self.reason]

    def parse(self, reply: Any) -> Paused | None:
        pause = pause_from(reply[1]) if reply else None
        return None if pause is None else Paused(pause, bool(reply[0]))


@dataclass(frozen=True, slots=True)
class ResumeQueue(Call[bool | None]):
    """A paused queue gives out what it has, to who waits at once. Whether it was paused; None when no such queue is known."""

    script = "resume"
    repeatable = True
    queue: str

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.queue]

    def parse(self, reply: Any) -> bool | None:
        return None if reply is None else bool(reply)


def pause_from(told: Sequence[str]) -> QueuePause | None:
    """The pause of which a script tells, if there is one."""
    if not told:
        return None
    since, ends_at, by, reason = told
    return QueuePause(from_ms(int(since)), from_ms(int(ends_at)) if ends_at else None, by, reason)
