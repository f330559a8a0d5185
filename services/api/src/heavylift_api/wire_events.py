"""Events as they go out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from heavylift.record import Record
from heavylift.story import Event, EventName
from heavylift_api.callers import Caller
from heavylift_api.event_shapes import DroppedEvent, LogEvent, ProgressEvent, StateEvent, TaskEvent
from heavylift_api.views import end_view, line_of


class Told(Protocol):
    """What is said in an event."""

    def to_json(self) -> bytes:
        """As text."""


class Showable(Protocol):
    """An event as a page shows it."""

    @property
    def id(self) -> str | None:
        """Where it stands."""

    @property
    def event(self) -> str:
        """Its name."""

    @property
    def data(self) -> Told:
        """What it says."""


Shown = TypeVar("Shown", bound=Showable, covariant=True)


@dataclass(frozen=True, slots=True)
class WireEvent(Generic[Shown]):
    """One event: as a page shows it, and as a stream does."""

    shown: Shown

    @property
    def text(self) -> bytes:
        """A block of a stream."""
        place = f"id: {self.shown.id}\n" if self.shown.id else ""
        return b"%bevent: %b\ndata: %b\n\n" % (place.encode(), self.shown.event.encode(), self.shown.data.to_json())


def wire_events(events: Iterable[Event], record: Record | None, caller: Caller) -> tuple[WireEvent[TaskEvent], ...]:
    """The events as they go out. ``record`` is that of a task that has ended; its end is left out where that is gone, or has
    begun anew."""
    return tuple(WireEvent(shown) for event in events if (shown := _shown(event, record, caller)))


def _shown(event: Event, record: Record | None, caller: Caller) -> TaskEvent | None:
    match event.name:
        case EventName.STATE:
            return TaskEvent(id=str(event.place), event=event.name, data=StateEvent(**event.data))
        case EventName.PROGRESS:
            return TaskEvent(id=str(event.place), event=event.name, data=ProgressEvent(**event.data))
        case EventName.LOG:
            return TaskEvent(id=str(event.place), event=event.name, data=LogEvent(**line_of(event, caller)))
        case EventName.DROPPED:
            return TaskEvent(id=None, event=event.name, data=DroppedEvent(**event.data))
        case EventName.END:
            return (
                None
                if record is None or not record.ended
                else TaskEvent(id=str(event.place), event=event.name, data=end_view(record, caller))
            )
