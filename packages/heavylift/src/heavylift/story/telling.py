"""The story of a task is put together of what its store tells."""

from collections.abc import Iterator
from itertools import chain

from heavylift.story.event import Event, EventName, Portion
from heavylift.story.lines import lines_of
from heavylift.story.place import BEGINNING, SAID, Place
from heavylift.story.states import states_of
from heavylift.story.told import Told


def tell(told: Told, after: Place) -> Portion:
    """What has happened behind ``after``, of which ``told`` has the log from ``log_after`` on.

    A place that the task has not reached yet was given out before a failover took back what stood there: all is told again.
    """
    if after.run > told.fence:
        after = BEGINNING
    everything = sorted(
        chain(states_of(told, after.run), _progress(told), lines_of(told.log, after)), key=lambda event: event.place
    )
    horizon = _last_line(told) if told.more else Place(told.fence + 1, 0)
    events = tuple(event for event in everything if after < event.place <= horizon)
    return Portion(events, events[-1].place if events else after, told.ended and not told.more, told.more)


def log_after(after: Place) -> tuple[int, int]:
    """Behind which run and line the log is to be read for one who knows all up to ``after``."""
    if after.step < SAID:
        return max(0, after.run), 0
    return (after.run, after.line) if after.step == SAID else (after.run + 1, 0)


def _last_line(told: Told) -> Place:
    portion = told.log[-1]
    return Place(portion.run, SAID, portion.lines[-1].number)


def _progress(told: Told) -> Iterator[Event]:
    if told.progress_at is not None:
        run, line, number = told.progress_at
        yield Event(Place(run, SAID, line, number), EventName.PROGRESS, {"run": run, "progress": told.progress})
