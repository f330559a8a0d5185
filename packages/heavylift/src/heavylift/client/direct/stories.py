"""What is new of a task or of a batch, read from the store."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from heavylift.batch_story import BatchPlace, BatchTold, tell_batch
from heavylift.client.asks import Steps
from heavylift.client.direct import views
from heavylift.client.direct.asking import asked
from heavylift.client.direct.places import existing, existing_batch
from heavylift.client.values import BatchEvent, EndEvent, TaskEvent
from heavylift.record import Record
from heavylift.store.calls import Follow, FollowBatch, Read
from heavylift.story import BEGINNING, Place, Told, log_after, tell

Each = TypeVar("Each", covariant=True)


@dataclass(frozen=True, slots=True)
class News(Generic[Each]):
    """Events. ``over``: there will be no more; ``more``: there is already."""

    events: tuple[Each, ...]
    over: bool
    more: bool


class Story(Protocol[Each]):
    """Keeps the place of one follower."""

    pace: float  #: Seconds to let pass before what has changed is read.

    def look(self, channel: str, patience: float) -> Steps[News[Each]]:
        """What is new; changes are told on the channel from now on. Raises TaskUnknown, BatchUnknown when it is gone."""


class TaskStory:
    """What becomes of a task."""

    pace = 0.0

    def __init__(self, id_: str, after: Place) -> None:
        self._id = id_
        self._after = after

    def look(self, channel: str, patience: float) -> Steps[News[TaskEvent]]:
        """What is new of it."""
        told = yield from self._read(channel, patience)
        if self._after.run > told.fence:  # a failover took back what stood there
            self._after = BEGINNING
            told = yield from self._read(channel, patience)
        portion = tell(told, self._after)
        record: Record | None = None
        if portion.over and portion.events:
            record = yield from asked(Read(self._id), patience)
        events = tuple(shown for event in portion.events if (shown := views.event(event, record)) is not None)
        self._after = portion.last
        over = portion.over and (not portion.events or any(isinstance(event, EndEvent) for event in events))
        return News(events, over, portion.more)

    def _read(self, channel: str, patience: float) -> Steps[Told]:
        return existing(self._id, (yield from asked(Follow(self._id, channel, log_after(self._after)), patience)))


class BatchStory:
    """What becomes of a batch."""

    pace = 0.1  # its tasks may end by the thousand each second

    def __init__(self, id_: str, after: BatchPlace) -> None:
        self._id = id_
        self._after = after

    def look(self, channel: str, patience: float) -> Steps[News[BatchEvent]]:
        """What is new of it."""
        told = yield from self._read(channel, patience)
        if self._after.ends > told.total:  # a failover took back what stood there
            self._after = BatchPlace()
            told = yield from self._read(channel, patience)
        portion = tell_batch(told, self._after)
        self._after = portion.last
        return News(tuple(views.batch_event(event) for event in portion.events), portion.over, portion.more)

    def _read(self, channel: str, patience: float) -> Steps[BatchTold]:
        return existing_batch(self._id, (yield from asked(FollowBatch(self._id, channel, self._after.ends), patience)))
