"""The story of a task is put together of what its store tells."""

from collections.abc import Iterator
from itertools import chain

from heavylift.story.event import Event, EventName, Portion
from heavylift.story.place import BEGINNING, SAID, Place
from heavylift.story.states import states_of
from heavylift.story.told import Told


def tell(told: Told, after: Place) -> Portion:
    """All that has happened behind ``after``.

    A place that the task has not reached yet was given out before a failover took back what stood there: all is told again.
    """
    if after.run > told.fence:
        after = BEGINNING
    everything = sorted(chain(states_of(told, after.run), _progress(told)), key=lambda event: event.place)
    events = tuple(event for event in everything if event.place > after)
    return Portion(events, events[-1].place if events else after, told.ended)


def _progress(told: Told) -> Iterator[Event]:
    if told.progress_at is not None:
        run, line, number = told.progress_at
        yield Event(Place(run, SAID, line, number), EventName.PROGRESS, {"run": run, "progress": told.progress})
