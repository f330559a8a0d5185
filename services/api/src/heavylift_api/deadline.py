"""The store under a deadline: what Redis does not answer in time is an error, never a hang."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from heavylift.errors import NotReplicated, PrimaryAwaited, StoreRefused, StoreUnavailable
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.calls import Call
from heavylift.telemetry import Reporter, StoreTrouble
from heavylift_api.errors import StoreSilent
from heavylift_api.failover import Failover

Reply = TypeVar("Reply")

COMPONENT: Final = "api"
PAUSE: Final = 0.05  #: Seconds before a question is asked again: sentinels tell each other of a new primary in less.
WAITING: Final = 0.9  #: Of the deadline, for another primary: what is left tells what the trouble was.


class TimelyStore:
    """Asks the store, gives it ``seconds`` to answer, and reports when it does not."""

    def __init__(self, store: AsyncRedisStore, reporter: Reporter, seconds: float) -> None:
        self._store = store
        self._reporter = reporter
        self._seconds = seconds
        self._failover = Failover(store)

    async def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing; again within the deadline where that is harmless. Raises StoreUnavailable, StoreRefused."""
        async with self.deadline():
            return await self._answer(self._asked(call))

    async def _asked(self, call: Call[Reply]) -> Reply:
        until = _now() + WAITING * self._seconds
        try:
            return await self._answered_by_a_primary(call, until)
        except (NotReplicated, PrimaryAwaited):
            raise  # they had their time
        except StoreUnavailable:
            if not call.repeatable:
                raise
        # A server that hands over closes its connections when another has taken its place, so most are answered now.
        await asyncio.sleep(PAUSE)
        return await self._answered_by_a_primary(call, until)

    async def _answered_by_a_primary(self, call: Call[Reply], until: float) -> Reply:
        """The reply, after a failover that ends in time."""
        while True:
            try:
                reply = await self._store.run(call)
            except PrimaryAwaited:
                if not call.repeatable or not await self._failover.ends(within=until - _now()):
                    raise
            else:
                self._failover.over()
                return reply

    async def ping(self) -> None:
        """Return when Redis answers. Raises StoreUnavailable."""
        async with self.deadline():
            await self._answer(self._store.ping())

    @asynccontextmanager
    async def deadline(self) -> AsyncIterator[None]:
        """Give all that is asked inside the time of one question, so that several do not add up. Raises StoreSilent."""
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except TimeoutError:
            silence = StoreSilent(f"Redis did not answer within {self._seconds:g} s")
            self._report(silence)
            raise silence from None

    async def _answer(self, question: Awaitable[Reply]) -> Reply:
        # Here and not in ``deadline``, which is nested: a trouble is reported once.
        try:
            return await question
        except (StoreUnavailable, StoreRefused) as error:
            self._report(error)
            raise

    def _report(self, error: Exception) -> None:
        self._reporter.report(StoreTrouble(component=COMPONENT, error_type=type(error).__name__, message=str(error)))


def _now() -> float:
    return asyncio.get_running_loop().time()
