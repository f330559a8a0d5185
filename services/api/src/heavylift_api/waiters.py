"""One subscription per process, on which Redis tells of every task and batch that a request waits for or follows."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final, TypeVar
from uuid import uuid4

from redis.exceptions import RedisError

from heavylift.errors import StoreUnavailable
from heavylift.store.async_redis import AsyncRedisStore

Seen = TypeVar("Seen")

HEARTBEAT: Final = 0.4  #: Seconds of silence after which Redis is asked whether it is still there.
PAUSE: Final = 0.05  #: Seconds between two attempts to connect.


class Waiters:
    """Requests that wait for the ends of tasks, and those that follow all that becomes of them.

    A request is woken when it should look at its task: the task has ended, or the connection was lost and is back, and what was
    said in between is not known. Redis silent for ``patience`` seconds is away; then those who wait learn that instead.
    """

    def __init__(self, store: AsyncRedisStore, *, patience: float) -> None:
        name = uuid4().hex[:12]
        self.channel: Final = f"{store.partition}:ended:{name}"
        self.changes: Final = f"{store.partition}:changes:{name}"  #: What is published for those who follow.
        self._client = store.client
        self._patience = patience
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._followed: dict[str, set[Callable[[], None]]] = {}
        self._linked = asyncio.Event()
        self._silence: asyncio.TimerHandle | None = None
        self.draining = False

    @property
    def waited_for(self) -> frozenset[str]:
        """The ids of the tasks that somebody waits for."""
        return frozenset(self._waiting)

    async def follow(self) -> None:
        """Keep the subscription up. Ends by being cancelled."""
        try:
            while True:
                await self._listen()
                await asyncio.sleep(PAUSE)
        finally:
            self._stop_timer()

    @property
    def is_linked(self) -> bool:
        """Whether the subscription stands."""
        return self._linked.is_set()

    async def linked(self) -> None:
        """Return when the subscription stands: the end of what is read from now on will be heard."""
        await self._linked.wait()

    @contextmanager
    def waiting(self, id_: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the task is worth a look."""
        wake = asyncio.Event()
        self._waiting.setdefault(id_, set()).add(wake)
        try:
            yield wake
        finally:
            self._waiting[id_].discard(wake)
            if not self._waiting[id_]:
                del self._waiting[id_]

    def follow_changes(self, id_: str, wake: Callable[[], None]) -> None:
        """Have ``wake`` called whenever there may be something new of the task or the batch."""
        self._followed.setdefault(id_, set()).add(wake)

    def leave_changes(self, id_: str, wake: Callable[[], None]) -> None:
        """End that."""
        self._followed[id_].discard(wake)
        if not self._followed[id_]:
            del self._followed[id_]

    async def look_until(
        self, wake: asyncio.Event, seconds: float, look: Callable[[], Awaitable[Seen]], enough: Callable[[Seen], bool]
    ) -> Seen:
        """What ``look`` sees once that is enough, or as it is when ``seconds`` are over or the process is about to end.

        Waiting for ``wake`` has begun before, so what happens between a look and the sleep after it wakes us. Raises
        StoreUnavailable.
        """
        until = _now() + seconds
        while True:
            wake.clear()
            seen = await look()
            if enough(seen) or self.draining or _now() >= until:
                return seen
            await self.sleep(wake, until)

    async def sleep(self, wake: asyncio.Event, until: float) -> None:
        """Sleep until woken, at most until the loop's time ``until``. Raises StoreUnavailable when Redis is away."""
        try:
            async with asyncio.timeout_at(until):
                await wake.wait()
        except TimeoutError:
            return
        if not self.is_linked:
            raise StoreUnavailable(f"Redis has said nothing for {self._patience:g} s")

    def drain(self) -> None:
        """Wake everybody, for good: the process is about to end."""
        self.draining = True
        self._wake_all()

    async def _listen(self) -> None:
        """Hear what Redis says until it falls silent or the connection breaks."""
        pubsub = self._client.pubsub()
        try:
            async with asyncio.timeout(self._patience):
                await pubsub.subscribe(self.channel, self.changes)
            heard = _now()
            while _now() - heard < self._patience:
                message = await pubsub.get_message(timeout=HEARTBEAT)
                if message is None:
                    await pubsub.ping()
                else:
                    heard = _now()
                    self._hear(message)
        except (RedisError, OSError):  # tried again at once; those who wait are told when it lasts
            return
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py left its annotation out

    def _hear(self, message: dict[str, Any]) -> None:
        self._restart_timer()
        # A silence may end without a new connection: whatever is heard says that the subscription stands.
        if message["type"] == "subscribe" or not self.is_linked:
            self._linked.set()
            self._wake_all()
        elif message["type"] == "message":
            self._wake(message["channel"], message["data"])

    def _wake(self, channel: str, id_: str) -> None:
        if channel == self.channel:
            for waiting in self._waiting.get(id_, ()):
                waiting.set()
        else:
            for wake in self._followed.get(id_, ()):
                wake()

    def _lose(self) -> None:
        self._silence = None
        self._linked.clear()
        self._wake_all()

    def _wake_all(self) -> None:
        for waiting in chain.from_iterable(self._waiting.values()):
            waiting.set()
        for wake in chain.from_iterable(self._followed.values()):
            wake()

    def _restart_timer(self) -> None:
        self._stop_timer()
        self._silence = asyncio.get_running_loop().call_later(self._patience, self._lose)

    def _stop_timer(self) -> None:
        if self._silence is not None:
            self._silence.cancel()


def _now() -> float:
    return asyncio.get_running_loop().time()
