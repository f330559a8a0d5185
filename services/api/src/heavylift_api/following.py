"""Following a task or a batch: as a stream, or a page at a time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic

from heavylift.story import Place
from heavylift.telemetry import Reporter, StreamsChanged
from heavylift_api.callers import Caller
from heavylift_api.errors import TooManyStreams
from heavylift_api.event_shapes import EventPage, TaskEvent
from heavylift_api.feeds import At, Feeds, News
from heavylift_api.stream import EventStream
from heavylift_api.waiters import Waiters
from heavylift_api.wire_events import Shown


class OpenStreams:
    """The streams of this process, ``most`` of them at once."""

    def __init__(self, reporter: Reporter, most: int) -> None:
        self._reporter = reporter
        self._most = most
        self._open = 0

    def check_room(self) -> None:
        """Raise TooManyStreams where there is none for another."""
        if self._open >= self._most:
            raise TooManyStreams(f"{self._open} streams are open, and this process has no room for more")

    @contextmanager
    def opened(self) -> Iterator[None]:
        """One more, for as long as this lasts."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self._open += change
        self._reporter.report(StreamsChanged(open=self._open))


class Followers(Generic[At, Shown]):
    """Those who follow things of one sort in this process."""

    def __init__(
        self, feeds: Feeds[At, Shown], waiters: Waiters, streams: OpenStreams, *, longest_wait: float, keep_alive: float
    ) -> None:
        self._feeds = feeds
        self._waiters = waiters
        self._streams = streams
        self._longest_wait = longest_wait
        self._keep_alive = keep_alive

    async def stream(self, caller: Caller, id_: str, after: At) -> EventStream[At, Shown] | None:
        """A stream of what happens behind a place; None when nothing ever will. Raises TooManyStreams, and what reading does."""
        self._streams.check_room()
        first = await self.page(caller, id_, after, wait=0)
        if first.over and not first.events:
            return None
        return EventStream(
            caller,
            id_,
            first,
            feeds=self._feeds,
            waiters=self._waiters,
            keep_alive=self._keep_alive,
            opened=self._streams.opened,
        )

    async def page(self, caller: Caller, id_: str, after: At, wait: float) -> News[At, Shown]:
        """What has happened behind a place, as soon as there is anything, or when the wait is over. Raises what reading does."""
        wake, seconds = asyncio.Event(), min(wait, self._longest_wait)
        with self._feeds.following(id_, wake) as feed:
            return await self._waiters.look_until(
                wake, seconds, lambda: self._feeds.news(feed, after, caller), lambda news: bool(news.events) or news.over
            )


def page_of(news: News[Place, TaskEvent]) -> EventPage:
    """News of a task as a page."""
    last = str(news.last) if news.last.run >= 0 else None
    return EventPage(events=tuple(event.shown for event in news.events), after=last, over=news.over)
