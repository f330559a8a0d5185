"""A stream of events (text/event-stream): what is new of a task or a batch goes out for as long as both sides are there."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Generic

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from heavylift.errors import StoreRefused, StoreUnavailable, TaskNotFound
from heavylift_api.callers import Caller
from heavylift_api.ending import end
from heavylift_api.errors import BatchNotFound
from heavylift_api.feeds import At, Feed, Feeds, News
from heavylift_api.waiters import Waiters
from heavylift_api.wire_events import Shown

MEDIA_TYPE: Final = "text/event-stream"
#: What keeps proxies from holding back, changing or keeping what goes by.
HEADERS: Final = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
KEEP_ALIVE: Final = b": still here\n\n"
GONE: Final = b'event: gone\ndata: {"detail":"what is followed is known no longer"}\n\n'
PAUSE: Final = 1.0  #: Seconds, give or take half, before a store that refused is asked again.


class EventStream(Response, Generic[At, Shown]):
    """The answer to one who follows something. It ends with that, with what is known of it, with the client or with the process.

    What the client is slow to take is not kept for it: when it has taken one portion the next is read, from where it is.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self,
        caller: Caller,
        id_: str,
        first: News[At, Shown],
        *,
        feeds: Feeds[At, Shown],
        waiters: Waiters,
        keep_alive: float,
        opened: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(HEADERS)
        self._caller = caller
        self._id = id_
        self._first = first.text
        self._after = first.last
        self._over = first.over
        self._more = False
        self._feeds = feeds
        self._waiters = waiters
        self._keep_alive = keep_alive
        self._opened = opened
        self._wake = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer."""
        gone = asyncio.ensure_future(_gone(receive))
        gone.add_done_callback(lambda _: self._wake.set())
        try:
            with self._opened(), self._feeds.following(self._id, self._wake) as feed:
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await _say(send, _retry() + self._first)
                while not (self._over or gone.done() or self._waiters.draining):
                    await self._go_on(feed, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await end(gone)

    async def _go_on(self, feed: Feed[At, Shown], send: Send) -> None:
        self._wake.clear()
        self._more = False  # also in trouble: who did not rest then would keep everybody from doing anything
        if text := await self._news(feed):
            await _say(send, text)
        if not self._more:
            await self._rest(send)

    async def _news(self, feed: Feed[At, Shown]) -> bytes:
        """What is new. In trouble nothing, until it is over."""
        if not self._waiters.is_linked:
            return b""  # and it wakes when that is mended
        try:
            news = await self._feeds.news(feed, self._after, self._caller)
        except (TaskNotFound, BatchNotFound):
            self._over = True
            return GONE
        except (StoreUnavailable, StoreRefused):
            asyncio.get_running_loop().call_later(PAUSE * random.uniform(0.5, 1.5), self._wake.set)  # noqa: S311
            return b""
        self._after, self._over, self._more = news.last, news.over, news.more
        return news.text

    async def _rest(self, send: Send) -> None:
        """Until there may be something new; meanwhile the connection is seen to live."""
        while not (self._over or self._wake.is_set()):
            try:
                async with asyncio.timeout(self._keep_alive):
                    await self._wake.wait()
            except TimeoutError:
                await _say(send, KEEP_ALIVE)


def _retry() -> bytes:
    """When to come back after a break: not all at once, if it was this process that went."""
    return f"retry: {random.randint(1000, 3000)}\n\n".encode()  # noqa: S311


async def _say(send: Send, text: bytes) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
