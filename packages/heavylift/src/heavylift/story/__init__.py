"""What has happened to a task, in order: made of its record and of what it said, so that no step has to be written down.

Every event has a place, the same whoever asks and whenever, and so a follower can go on behind the last one that it knows.
"""

from heavylift.story.event import Event, EventName, Portion
from heavylift.story.lines import lines_of
from heavylift.story.log import LogLine, LogPortion, written
from heavylift.story.place import BEGINNING, PLACE_PATTERN, Place
from heavylift.story.telling import log_after, tell
from heavylift.story.told import Told

__all__ = [
    "BEGINNING",
    "PLACE_PATTERN",
    "Event",
    "EventName",
    "LogLine",
    "LogPortion",
    "Place",
    "Portion",
    "Told",
    "lines_of",
    "log_after",
    "tell",
    "written",
]
