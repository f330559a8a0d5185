"""Reading what is new of tasks that are followed: once for all who follow the same task and know the same of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from heavylift.store.calls import Follow, Read
from heavylift.story import BEGINNING, Place, log_after, tell
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.observe import existing
from heavylift_api.waiters import Waiters
from heavylift_api.wire_events import WireEvent, wire_events

Reading = tuple[Place, bool, str | None]  #: From where, whether what tasks carry is shown, and whose tasks: what one may see.

READINGS: Final = 32  #: As many are under way at once: more would wait for each other at the store, against its deadline.


@dataclass(frozen=True, slots=True)
class News:
    """Events as they go out. ``last`` is where to go on; ``over``: there will be no more; ``more``: there is already.
    ``text`` is all of them as a stream.
    """

    events: tuple[WireEvent, ...]
    last: Place
    over: bool
    more: bool
    text: bytes


class Feed:
    """One task that is followed in this process. Followers keep their places; nothing is kept here for them."""

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.followers: set[asyncio.Event] = set()
        self.readings: dict[Reading, asyncio.Future[News]] = {}

    def wake(self) -> None:
        """There is something new: what is being read may lack it already."""
        self.readings.clear()
        for follower in self.followers:
            follower.set()


class Feeds:
    """The tasks that are followed in this process."""

    def __init__(self, store: TimelyStore, waiters: Waiters) -> None:
        self._store = store
        self._waiters = waiters
        self._feeds: dict[str, Feed] = {}
        self._turns = asyncio.Semaphore(READINGS)

    @contextmanager
    def following(self, id_: str, wake: asyncio.Event) -> Iterator[Feed]:
        """The feed of a task; ``wake`` is set whenever there may be something new."""
        feed = self._feeds.get(id_) or self._feeds.setdefault(id_, Feed(id_))
        feed.followers.add(wake)
        try:
            if len(feed.followers) == 1:
                self._waiters.follow_task(id_, feed.wake)
            yield feed
        finally:
            feed.followers.discard(wake)
            if not feed.followers:
                self._waiters.leave_task(id_)
                del self._feeds[id_]

    async def news(self, feed: Feed, after: Place, caller: Caller) -> News:
        """What has happened behind a place. Raises TaskNotFound, StoreUnavailable, StoreRefused."""
        of = after, caller.sees_payloads, caller.reach
        reading = feed.readings.get(of)
        if reading is None:
            reading = feed.readings[of] = asyncio.ensure_future(self._read(feed.id, after, caller))
            reading.add_done_callback(lambda done: _forget(feed, of, done))
        return await asyncio.shield(reading)

    async def _read(self, id_: str, after: Place, caller: Caller) -> News:
        async with self._store.deadline():
            await self._waiters.linked()  # else the next change would not be heard
        async with self._turns:
            asked = Follow(id_, self._waiters.changes, log_after(after), caller.reach)
            told = existing(id_, await self._store.run(asked))
            if after.run > told.fence:  # a failover took back what stood there
                after, told = BEGINNING, existing(id_, await self._store.run(Follow(id_, reach=caller.reach)))
            portion = tell(told, after)
            record = await self._store.run(Read(id_, reach=caller.reach)) if portion.over and portion.events else None
        events = wire_events(portion.events, record, caller)
        return News(events, portion.last, portion.over, portion.more, b"".join(event.text for event in events))


def _forget(feed: Feed, of: Reading, done: "asyncio.Future[News]") -> None:
    if feed.readings.get(of) is done:
        del feed.readings[of]
    if not done.cancelled():
        done.exception()  # those who asked may all have left
