"""Runs calls on Redis, 6.2 and later, or Valkey, for asyncio code: the API."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import redis.asyncio
from redis.exceptions import ResponseError

from heavylift.store.calls import Call
from heavylift.store.client import StoreClient
from heavylift.store.driving import drive_async
from heavylift.store.endpoint import Endpoint
from heavylift.store.exchange import Command
from heavylift.store.translating import errors_translated

Reply = TypeVar("Reply")

CONNECTIONS: Final = 64  #: As many are open at once; further calls wait for one, as long as for an answer.


class AsyncRedisStore(StoreClient):
    """A store on Redis for asyncio code, with the same calls."""

    TIMEOUT = 1.5

    def _open(self, endpoint: Endpoint, timeout: float) -> None:
        self.client = redis.asyncio.Redis.from_pool(endpoint.asyncio_pool(self._route, timeout=timeout, size=CONNECTIONS))

    async def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises StoreUnavailable, NotReplicated, StoreRefused, LeaseLost."""
        with errors_translated(self._route):
            return await drive_async(self._exchange(call), self._say)

    async def _say(self, commands: Sequence[Command]) -> Sequence[Any]:
        if len(commands) > 1:
            return await self._say_in_turn(commands)
        try:
            return [await self.client.execute_command(*commands[0])]
        except ResponseError as error:
            return [error]

    async def _say_in_turn(self, commands: Sequence[Command]) -> Sequence[Any]:
        replies: list[Any] = []
        connected = self.client.pipeline()
        try:
            for command in commands:
                replies += [await connected.immediate_execute_command(*command)]
        except ResponseError as error:
            replies.append(error)
        finally:
            await connected.reset()
        return replies

    async def ping(self) -> None:
        """Return when Redis answers. Raises StoreUnavailable."""
        with errors_translated(self._route):
            await self.client.ping()

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()
