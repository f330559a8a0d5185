"""Connections that follow their route: made anew when the primary has changed, and made only to a primary."""

import asyncio
from typing import Any

from redis.asyncio.connection import Connection as AsyncConnection
from redis.asyncio.connection import SSLConnection as AsyncTLSConnection
from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from heavylift.store.route import Route


class FollowingConnection(Connection):
    """A connection for blocking code.

    ``socket_connect_timeout`` bounds the handshake, too: a server that hangs takes connections and is silent.
    """

    _sock: Any

    def __init__(self, *, route: Route, **options: Any) -> None:
        self._route = route
        self._turn = route.turn
        super().__init__(**options)

    def connect(self) -> None:
        """As redis-py does before each use."""
        self.follow()
        super().connect()

    def follow(self) -> None:
        """Let go of who is the primary no more. Raises redis-py's ConnectionError."""
        if self._route.is_stale:
            self._route.look()
        if self.is_connected and self._turn != self._route.turn:
            self.disconnect()

    def _connect(self) -> Any:
        self._route.check()
        if self._route.is_watched:
            self.host, self.port = self._route.find()
        self._turn = self._route.turn
        made = super()._connect()
        self._route.connections += 1
        return made

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """Shake hands."""
        self._sock.settimeout(self.socket_connect_timeout)
        super().on_connect_check_health(check_health)
        if self._route.is_watched:
            self.send_command("ROLE", check_health=False)
            _check_role(self.read_response(), self._host_error())
        self._sock.settimeout(self.socket_timeout)


class FollowingTLSConnection(FollowingConnection, SSLConnection):
    """The same with TLS."""


class SocketConnection(UnixDomainSocketConnection):
    """A connection over a socket of this machine. There is one Redis behind it, and its connections are counted all the same."""

    def __init__(self, *, route: Route, **options: Any) -> None:
        self._route = route
        super().__init__(**options)

    def _connect(self) -> Any:
        self._route.check()
        made = super()._connect()
        self._route.connections += 1
        return made


class AsyncFollowingConnection(AsyncConnection):
    """The same for asyncio code."""

    def __init__(self, *, route: Route, **options: Any) -> None:
        self._route = route
        self._turn = route.turn
        super().__init__(**options)

    async def connect(self) -> None:
        """As redis-py does before each use."""
        if self._route.is_stale:
            await self._route.look_async()
        if self.is_connected and self._turn != self._route.turn:
            await self.disconnect()
        await super().connect()

    async def _connect(self) -> None:
        self._route.check()
        if self._route.is_watched:
            self.host, self.port = await self._route.find_async()
        self._turn = self._route.turn
        await super()._connect()
        self._route.connections += 1

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        """Shake hands."""
        try:
            async with asyncio.timeout(self.socket_connect_timeout):
                await self._shake_hands(check_health)
        except TimeoutError:
            raise RedisTimeoutError(f"{self._host_error()} took the connection and says nothing") from None

    async def _shake_hands(self, check_health: bool) -> None:
        await super().on_connect_check_health(check_health)
        if self._route.is_watched:
            await self.send_command("ROLE", check_health=False)
            _check_role(await self.read_response(), self._host_error())


class AsyncFollowingTLSConnection(AsyncFollowingConnection, AsyncTLSConnection):
    """The same for asyncio code with TLS."""


def _check_role(reply: Any, host: str) -> None:
    """Sentinels may be late to learn of a failover, and so may whoever asked them."""
    if reply[0] not in ("master", b"master"):
        raise RedisConnectionError(f"{host} is named as the primary and is not one (yet)")
