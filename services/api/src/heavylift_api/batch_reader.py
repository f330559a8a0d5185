"""What is new of a batch that is followed: how its tasks ended, in their order, and its counts as they are now."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from heavylift.store.calls import BatchTold, FollowBatch
from heavylift_api.batch_event_shapes import BatchEvent, EndedEvent
from heavylift_api.batch_places import BatchPlace
from heavylift_api.batch_views import batch_view
from heavylift_api.batches import existing
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.feeds import News
from heavylift_api.views import task_href
from heavylift_api.wire_events import WireEvent

PACE: Final = 0.1  #: Seconds between two readings of one batch: its tasks may end by the thousand each second.


class BatchReader:
    """Reads what becomes of batches."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def read(self, id_: str, after: BatchPlace, caller: Caller, watch: str) -> News[BatchPlace, BatchEvent]:
        """What has happened behind a place. Raises BatchNotFound, StoreUnavailable, StoreRefused."""
        told = await self._told(id_, after, caller, watch)
        if after.ends > told.total:  # a failover took back what stood there
            after = BatchPlace()
            told = await self._told(id_, after, caller, watch)
        last = after.ends + len(told.ends)
        more = last < told.total
        over = told.batch.ended and not more
        shown = tuple(WireEvent(event) for event in _events(told, after, more=more, over=over))
        return News.of(shown, BatchPlace(last, over, after.known if more else told.batch), over=over, more=more)

    async def _told(self, id_: str, after: BatchPlace, caller: Caller, watch: str) -> BatchTold:
        return existing(id_, await self._store.run(FollowBatch(id_, watch, after.ends, caller.reach)))


def _events(told: BatchTold, after: BatchPlace, *, more: bool, over: bool) -> Iterator[BatchEvent]:
    for number, end in enumerate(told.ends, start=after.ends + 1):
        yield BatchEvent(id=str(number), event="ended", data=EndedEvent(id=end.id, state=end.state, href=task_href(end.id)))
    last = BatchPlace(after.ends + len(told.ends), over)
    if over and replace(after, known=None) != last:
        yield BatchEvent(id=str(last), event="end", data=batch_view(told.batch))
    elif not (over or more or told.batch == after.known):
        yield BatchEvent(id=None, event="counts", data=batch_view(told.batch))
