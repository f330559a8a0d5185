"""Carries out what steps ask for, on Redis, for asyncio code."""

import asyncio
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from heavylift.client.asks import Pause
from heavylift.client.direct.asks import Fetch, Hear, Hush, Listen, Listening, Question, Unanswered, check_confirmed
from heavylift.client.direct.large import fetched
from heavylift.errors import HeavyliftError, StoreRefused, StoreUnavailable
from heavylift.store.async_redis import AsyncRedisStore


class AsyncDirectCarrier:
    """A store, for one event loop."""

    def __init__(self, store: AsyncRedisStore) -> None:
        self._store = store

    async def carry(self, asked: Any) -> Any:
        """Do as one step asks."""
        try:
            return await self._carry(asked)
        except (StoreUnavailable, StoreRefused) as error:
            return Unanswered(error)
        except (RedisError, OSError) as error:
            return Unanswered(StoreUnavailable(f"Redis cannot be heard: {error}"))

    async def _carry(self, asked: Any) -> Any:
        match asked:
            case Question():
                return await self._store.run(asked.call)
            case Fetch():
                return await fetched(asked.check)
            case Listen():
                return await self._listen(asked.channel)
            case Hear():
                return await self._hear(asked)
            case Hush():
                return await _close(asked.listening)
            case Pause():
                return await asyncio.sleep(asked.seconds)
        raise AssertionError(f"nobody asks {asked!r} of a store")

    async def _listen(self, channel: str) -> Listening:
        pubsub = self._store.client.pubsub()
        try:
            await pubsub.subscribe(channel)
            check_confirmed(await pubsub.get_message(timeout=self._store.TIMEOUT))
        except BaseException:
            await _close(Listening(channel, pubsub))
            raise
        return Listening(channel, pubsub)

    async def _hear(self, asked: Hear) -> bool:
        try:
            return await asked.listening.handle.get_message(timeout=asked.seconds) is not None
        except BaseException:
            await _close(asked.listening)
            raise

    async def close(self) -> None:
        """Close the connections."""
        await self._store.close()


async def _close(listening: Listening) -> None:
    with suppress(HeavyliftError, RedisError, OSError):
        await listening.handle.aclose()
