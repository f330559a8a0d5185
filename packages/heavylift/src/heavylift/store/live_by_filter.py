"""Many tasks that have not ended, at once: those that a filter finds are called off, or let begin, in portions.

No I/O, as in ``by_filter``. A filter by state goes through the index of that state, which is complete; one that names no state
goes through all in which something can be done, in the order in which tasks take them. What comes in meanwhile is left alone.
"""

from collections.abc import Callable, Collection, Generator
from dataclasses import replace
from typing import Any, Final

from heavylift.state import State
from heavylift.store.by_filter import PORTION, Steps, Tally
from heavylift.store.calls import Call, CancelMany, FindTasks, Hasten, IdPage, List, Moved

#: In which a task can be called off.
CANCELLABLE: Final = (State.SCHEDULED, State.QUEUED, State.RUNNING)
#: In which a task waits for its time.
HASTENABLE: Final = (State.SCHEDULED,)

_Many = Callable[[tuple[str, ...], str | None], Call[tuple[Moved | None, ...]]]
_Treatment = Generator[Call[Any], Any, None]
_Treat = Callable[[Tally, tuple[str, ...]], _Treatment]


def cancel_matching(wanted: List, *, limit: int) -> Steps:
    """Call off those that fit, the newest first: what waits at once, what runs is asked to end."""
    return _each_portion(wanted, CANCELLABLE, limit, _with(CancelMany, wanted))


def hasten_matching(wanted: List, *, limit: int) -> Steps:
    """Let those begin that fit and wait for their time, the newest first."""
    return _each_portion(wanted, HASTENABLE, limit, _with(Hasten, wanted))


def count_live(wanted: List, states: Collection[State], *, limit: int) -> Steps:
    """Only look: how many fit that are in one of these states?"""
    return _each_portion(wanted, states, limit, _leave)


def _with(call: _Many, wanted: List) -> _Treat:
    def treat(tally: Tally, ids: tuple[str, ...]) -> _Treatment:
        replies: tuple[Moved | None, ...] = yield call(ids, wanted.tenant)
        for reply in replies:
            if reply is not None and reply.changed:
                tally.changed += 1
                tally.states[reply.state] += 1

    return treat


def _leave(tally: Tally, ids: tuple[str, ...]) -> _Treatment:  # noqa: ARG001
    yield from ()


def _each_portion(wanted: List, states: Collection[State], limit: int, treat: _Treat) -> Steps:
    tally = Tally()
    for state in states:
        if wanted.state in (None, state):
            yield from _through(replace(wanted, state=state), limit, tally, treat)
    return tally


def _through(wanted: List, limit: int, tally: Tally, treat: _Treat) -> _Treatment:
    cursor: int | None = None
    while not tally.more:
        found: IdPage = yield FindTasks(replace(wanted, count=min(PORTION, limit - tally.matched), cursor=cursor))
        if found.ids:
            tally.add(found.ids)
            yield from treat(tally, found.ids)
        cursor = found.cursor
        if cursor is None:
            return
        tally.more = tally.matched >= limit
