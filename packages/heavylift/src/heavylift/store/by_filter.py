"""Many tasks at once: those that a filter finds are treated in portions, so that Redis is never held. Dead letters here, and
those that have not ended in ``live_by_filter``.

No I/O: each function is a generator of calls that gets their replies, and whoever drives it asks a store, blocking or not.
"""

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from heavylift.state import State
from heavylift.store.calls import Call, DeadFilter, Discard, FindDead, Found, Moved, Replay, Replayed

PORTION: Final = 200  #: Dead letters in one call: a few milliseconds of Redis.
SLOWEST: Final = 0.0001  #: Replays per second. Below it the last of many would be due in hundreds of years, or never.
SAMPLE: Final = 10  #: Ids that are told of those that were found.


@dataclass(slots=True)
class Tally:
    """What came of it.

    ``matched`` fit the filter, up to the limit, and ``sample`` are the ids of the first; ``changed`` of them were treated, the
    others had been meanwhile by somebody else. ``more``: the limit was reached, and there may be others.
    ``states``: of live tasks that were changed, in which state they are now. ``last_due`` is when the last that was replayed
    is due.
    """

    matched: int = 0
    changed: int = 0
    sample: list[str] = field(default_factory=list)
    more: bool = False
    states: Counter[State] = field(default_factory=Counter)
    last_due: datetime | None = None

    def add(self, ids: tuple[str, ...]) -> None:
        """Count what was found."""
        self.matched += len(ids)
        self.sample += ids[: SAMPLE - len(self.sample)]


Steps = Generator[Call[Any], Any, Tally]
_Treatment = Generator[Call[Any], Any, None]
_Treat = Callable[[Tally, tuple[str, ...]], _Treatment]


def count_matching(wanted: DeadFilter, *, limit: int | None = None) -> Steps:
    """Only look: what would be done?"""
    return _each_portion(wanted, limit, _leave)


def replay_matching(wanted: DeadFilter, *, limit: int | None = None, rate: float | None = None) -> Steps:
    """Replay those that fit, the earliest death first: at once, or ``rate`` of them per second.

    What dies again meanwhile is not replayed again. Stopped in the middle, it can be begun anew: the rest is done.
    """
    apart = 0.0 if rate is None else 1 / rate
    due: datetime | None = None

    def replay(tally: Tally, ids: tuple[str, ...]) -> _Treatment:
        nonlocal due
        replayed: Replayed = yield Replay(ids, due, apart)
        _count_changed(tally, replayed.tasks)
        tally.last_due = replayed.next_due - timedelta(seconds=apart)
        due = replayed.next_due if rate is not None else None

    return _each_portion(wanted, limit, replay)


def discard_matching(wanted: DeadFilter, *, limit: int | None = None) -> Steps:
    """Discard those that fit, the earliest death first."""

    def discard(tally: Tally, ids: tuple[str, ...]) -> _Treatment:
        replies: tuple[Moved | None, ...] = yield Discard(ids)
        _count_changed(tally, replies)

    return _each_portion(wanted, limit, discard)


def _each_portion(wanted: DeadFilter, limit: int | None, treat: _Treat) -> Steps:
    tally = Tally()
    cursor = horizon = None
    while limit is None or tally.matched < limit:
        count = PORTION if limit is None else min(PORTION, limit - tally.matched)
        found: Found = yield FindDead(wanted, count, cursor, horizon)
        if found.ids:
            tally.add(found.ids)
            yield from treat(tally, found.ids)
        cursor, horizon = found.cursor, found.latest if horizon is None else horizon
        if cursor is None:
            return tally
    tally.more = True
    return tally


def _leave(tally: Tally, ids: tuple[str, ...]) -> _Treatment:  # noqa: ARG001
    yield from ()


def _count_changed(tally: Tally, replies: tuple[Moved | None, ...]) -> None:
    tally.changed += sum(reply is not None and reply.changed for reply in replies)
