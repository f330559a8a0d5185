"""An event in the story of a task."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from heavylift.story.place import Place


class EventName(StrEnum):
    """What an event is."""

    STATE = "state"  #: The task is in another state.
    PROGRESS = "progress"  #: The newest of what it says of how far it is.
    LOG = "log"  #: A line that its handler logged.
    DROPPED = "dropped"  #: Lines that came before the next one and are not kept. It has no place to go on from.
    END = "end"  #: It has ended, and nothing follows.


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a task. ``data`` is made of JSON values and moments."""

    place: Place
    name: EventName
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Portion:
    """Events in their order. ``last`` is where to go on; ``over``: the task has ended, and this is the last of it; ``more``:
    there is more already.
    """

    events: tuple[Event, ...]
    last: Place
    over: bool
    more: bool = False
