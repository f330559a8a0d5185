"""No server is the primary for a moment: those who ask wait together until one is."""

import asyncio
from typing import Final

from heavylift.errors import HeavyliftError
from heavylift.store.async_redis import AsyncRedisStore

PAUSE: Final = 0.05  #: Seconds between two looks.
LONGEST: Final = 15.0  #: Seconds within which sentinels have named another, or cannot.


class Failover:
    """One asks for all who wait whether it has ended.

    Nobody waits when it has lasted longer than any should: who asks then is better told at once.
    """

    def __init__(self, store: AsyncRedisStore) -> None:
        self._store = store
        self._looking = asyncio.Lock()
        self._since: float | None = None

    def over(self) -> None:
        """A primary has answered."""
        self._since = None

    async def ends(self, *, within: float) -> bool:
        """Whether a primary answers within so many seconds."""
        if self._since is None:
            self._since = _now()
        if _now() - self._since > LONGEST:
            return False
        try:
            async with asyncio.timeout(within):
                await self._end()
        except TimeoutError:
            return False
        return True

    async def _end(self) -> None:
        async with self._looking:
            while self._since is not None:
                await asyncio.sleep(PAUSE)
                if await self._has_ended():
                    self.over()

    async def _has_ended(self) -> bool:
        try:
            await self._store.ping()
        except HeavyliftError:
            return False
        return True


def _now() -> float:
    return asyncio.get_running_loop().time()
