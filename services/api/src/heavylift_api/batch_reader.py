"""What is new of a batch that is followed."""

from typing import Final

from heavylift.batch_story import BatchEnd, BatchHappening, BatchPlace, BatchTold, tell_batch
from heavylift.store.calls import FollowBatch
from heavylift_api.batch_event_shapes import BatchEvent, EndedEvent
from heavylift_api.batch_views import batch_view
from heavylift_api.batches import existing
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.feeds import News
from heavylift_api.views import task_href
from heavylift_api.wire_events import WireEvent

PACE: Final = 0.1  #: Seconds between two readings of one batch: its tasks may end by the thousand each second.


class BatchReader:
    """Reads the story of batches."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def read(self, id_: str, after: BatchPlace, caller: Caller, watch: str) -> News[BatchPlace, BatchEvent]:
        """What has happened behind a place. Raises BatchNotFound, StoreUnavailable, StoreRefused."""
        told = await self._told(id_, after, caller, watch)
        if after.ends > told.total:  # a failover took back what stood there
            after = BatchPlace()
            told = await self._told(id_, after, caller, watch)
        portion = tell_batch(told, after)
        events = tuple(WireEvent(_shown(event)) for event in portion.events)
        return News.of(events, portion.last, over=portion.over, more=portion.more)

    async def _told(self, id_: str, after: BatchPlace, caller: Caller, watch: str) -> BatchTold:
        return existing(id_, await self._store.run(FollowBatch(id_, watch, after.ends, caller.reach)))


def _shown(event: BatchHappening) -> BatchEvent:
    told = event.data
    if isinstance(told, BatchEnd):
        return BatchEvent(id=event.id, event=event.name, data=EndedEvent(id=told.id, state=told.state, href=task_href(told.id)))
    return BatchEvent(id=event.id, event=event.name, data=batch_view(told))
