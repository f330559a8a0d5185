"""What is new of a task that is followed."""

from heavylift.store.calls import Follow, Read
from heavylift.story import BEGINNING, Place, log_after, tell
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.event_shapes import TaskEvent
from heavylift_api.feeds import News
from heavylift_api.observe import existing
from heavylift_api.wire_events import wire_events


class TaskReader:
    """Reads the story of tasks."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def read(self, id_: str, after: Place, caller: Caller, watch: str) -> News[Place, TaskEvent]:
        """What has happened behind a place. Raises TaskNotFound, StoreUnavailable, StoreRefused."""
        told = existing(id_, await self._store.run(Follow(id_, watch, log_after(after), caller.reach)))
        if after.run > told.fence:  # a failover took back what stood there
            after, told = BEGINNING, existing(id_, await self._store.run(Follow(id_, reach=caller.reach)))
        portion = tell(told, after)
        record = await self._store.run(Read(id_, reach=caller.reach)) if portion.over and portion.events else None
        events = wire_events(portion.events, record, caller)
        return News.of(events, portion.last, over=portion.over, more=portion.more)
