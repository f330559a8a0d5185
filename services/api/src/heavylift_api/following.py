"""Following a task: as a stream, or a page at a time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from heavylift.story import Place
from heavylift.telemetry import Reporter, StreamsChanged
from heavylift_api.callers import Caller
from heavylift_api.errors import TooManyStreams
from heavylift_api.event_shapes import EventPage
from heavylift_api.feeds import Feeds, News
from heavylift_api.stream import EventStream
from heavylift_api.waiters import Waiters


class Followers:
    """Those who follow tasks in this process, ``most`` of them at once as streams."""

    def __init__(
        self, feeds: Feeds, waiters: Waiters, reporter: Reporter, *, most: int, longest_wait: float, keep_alive: float
    ) -> None:
        self._reporter = reporter
        self._feeds = feeds
        self._waiters = waiters
        self._most = most
        self._longest_wait = longest_wait
        self._keep_alive = keep_alive
        self._open = 0

    async def stream(self, caller: Caller, id_: str, after: Place) -> EventStream | None:
        """A stream of what happens behind a place; None when nothing ever will. Raises TaskNotFound, TooManyStreams."""
        if self._open >= self._most:
            raise TooManyStreams(f"{self._open} streams are open, and this process has no room for more")
        first = await self.page(caller, id_, after, wait=0)
        if first.over and not first.events:
            return None
        return EventStream(
            caller, id_, first, feeds=self._feeds, waiters=self._waiters, keep_alive=self._keep_alive, opened=self._opened
        )

    async def page(self, caller: Caller, id_: str, after: Place, wait: float) -> News:
        """What has happened behind a place, as soon as there is anything, or when the wait is over. Raises TaskNotFound."""
        wake, seconds = asyncio.Event(), min(wait, self._longest_wait)
        with self._feeds.following(id_, wake) as feed:
            return await self._waiters.look_until(
                wake, seconds, lambda: self._feeds.news(feed, after, caller), lambda news: bool(news.events) or news.over
            )

    @contextmanager
    def _opened(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self._open += change
        self._reporter.report(StreamsChanged(open=self._open))


def page_of(news: News) -> EventPage:
    """News as a page."""
    last = str(news.last) if news.last.run >= 0 else None
    return EventPage(events=tuple(event.shown for event in news.events), after=last, over=news.over)
