"""Reading what is new of tasks and batches that are followed: once for all who follow the same one and know the same of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.waiters import Waiters
from heavylift_api.wire_events import Shown, WireEvent

At = TypeVar("At")  #: Where a follower is in what is told.

READINGS: Final = 32  #: As many are under way at once: more would wait for each other at the store, against its deadline.


@dataclass(frozen=True, slots=True)
class News(Generic[At, Shown]):
    """Events as they go out. ``last`` is where to go on; ``over``: there will be no more; ``more``: there is already.
    ``text`` is all of them as a stream.
    """

    events: tuple[WireEvent[Shown], ...]
    last: At
    over: bool
    more: bool
    text: bytes

    @classmethod
    def of(cls, events: tuple[WireEvent[Shown], ...], last: At, *, over: bool, more: bool) -> "News[At, Shown]":
        """These events."""
        return cls(events, last, over, more, b"".join(event.text for event in events))


class Reader(Protocol[At, Shown]):
    """Reads what is new of things of one sort."""

    async def read(self, id_: str, after: At, caller: Caller, watch: str) -> News[At, Shown]:
        """What has happened behind a place; what happens from now on is told on the channel ``watch``.

        Raises TaskNotFound, BatchNotFound, StoreUnavailable, StoreRefused.
        """


class Feed(Generic[At, Shown]):
    """One thing that is followed in this process. Followers keep their places; nothing is kept here for them.

    What comes within ``pace`` seconds is told together.
    """

    def __init__(self, id_: str, pace: float) -> None:
        self.id = id_
        self._pace = pace
        self._told_at = float("-inf")
        self._later: asyncio.TimerHandle | None = None
        self.followers: set[asyncio.Event] = set()
        self.readings: dict[tuple[At, bool, str | None], asyncio.Future[News[At, Shown]]] = {}

    def wake(self) -> None:
        """There is something new."""
        loop = asyncio.get_running_loop()
        rest = self._told_at + self._pace - loop.time()
        if rest <= 0:
            self._tell()
        elif self._later is None:
            self._later = loop.call_later(rest, self._tell)

    def _tell(self) -> None:
        self._told_at, self._later = asyncio.get_running_loop().time(), None
        self.readings.clear()  # what is being read may lack it already
        for follower in self.followers:
            follower.set()


class Feeds(Generic[At, Shown]):
    """The things of one sort that are followed in this process; what comes of one within ``pace`` seconds is told together."""

    def __init__(self, reader: Reader[At, Shown], store: TimelyStore, waiters: Waiters, *, pace: float = 0.0) -> None:
        self._reader = reader
        self._pace = pace
        self._store = store
        self._waiters = waiters
        self._feeds: dict[str, Feed[At, Shown]] = {}
        self._turns = asyncio.Semaphore(READINGS)

    @contextmanager
    def following(self, id_: str, wake: asyncio.Event) -> Iterator[Feed[At, Shown]]:
        """The feed of one; ``wake`` is set whenever there may be something new."""
        feed = self._feeds.get(id_) or self._feeds.setdefault(id_, Feed(id_, self._pace))
        feed.followers.add(wake)
        try:
            if len(feed.followers) == 1:
                self._waiters.follow_changes(id_, feed.wake)
            yield feed
        finally:
            feed.followers.discard(wake)
            if not feed.followers:
                self._waiters.leave_changes(id_, feed.wake)
                del self._feeds[id_]

    async def news(self, feed: Feed[At, Shown], after: At, caller: Caller) -> News[At, Shown]:
        """What has happened behind a place. Raises what the reader does."""
        of = after, caller.sees_payloads, caller.reach
        reading = feed.readings.get(of)
        if reading is None:
            reading = feed.readings[of] = asyncio.ensure_future(self._read(feed.id, after, caller))
            reading.add_done_callback(lambda done: _forget(feed, of, done))
        return await asyncio.shield(reading)

    async def _read(self, id_: str, after: At, caller: Caller) -> News[At, Shown]:
        async with self._store.deadline():
            await self._waiters.linked()  # else the next change would not be heard
        async with self._turns:
            return await self._reader.read(id_, after, caller, self._waiters.changes)


def _forget(feed: Feed[Any, Any], of: tuple[Any, bool, str | None], done: "asyncio.Future[Any]") -> None:
    if feed.readings.get(of) is done:
        del feed.readings[of]
    if not done.cancelled():
        done.exception()  # those who asked may all have left
