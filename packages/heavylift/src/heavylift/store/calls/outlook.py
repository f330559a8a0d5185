"""What a task has before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from heavylift.record import Record, from_ms
from heavylift.store.calls.call import Call, Limits
from heavylift.store.calls.pauses import QueuePause, pause_from
from heavylift.store.calls.read import SHOWN, record_from

MOST_COUNTED: Final = 1000  #: Tasks ahead, and consumers: who waits behind so many needs no more digits.


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A task, and what decides when it starts, at a time of Redis' own clock.

    ``ahead`` tasks are ready in its line and come first, ``running`` run there: the line of its queue for its kind of child.
    ``reading`` consumers have a lease and take such tasks, but for those of them that are ``resting``. ``mean``: seconds that
    such tasks ran for, on average; None while none has ended. ``pause``: that of its queue, None while it gives out what it has.
    What is counted is counted up to ``MOST_COUNTED``.
    """

    record: Record
    at: datetime
    ahead: int
    running: int
    reading: int
    resting: int
    mean: float | None
    pause: QueuePause | None = None


@dataclass(frozen=True, slots=True)
class LookAhead(Call[Outlook | None]):
    """What a task has before it; None when there is no such task within ``reach``."""

    script = "outlook"
    repeatable = True
    id: str
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, str(MOST_COUNTED), *SHOWN]

    def parse(self, reply: Any) -> Outlook | None:
        if not reply:
            return None
        at, values, ahead, running, reading, resting, pause, attempts, us = reply
        record = record_from(self.id, values)
        if self.reach not in (None, record.tenant):
            return None
        return Outlook(
            record=record,
            at=from_ms(int(at)),
            ahead=ahead,
            running=running,
            reading=reading,
            resting=resting,
            mean=int(us) / int(attempts) / 1e6 if int(attempts) else None,
            pause=pause_from(pause),
        )
