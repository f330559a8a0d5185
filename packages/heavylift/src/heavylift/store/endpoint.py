"""Where Redis is and what it asks for, made into the pools that redis-py's clients take."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import redis
import redis.asyncio
from redis.asyncio.connection import UnixDomainSocketConnection as AsyncSocketConnection
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from heavylift.address import Address
from heavylift.errors import ConfigurationInvalid
from heavylift.settings import StoreSettings
from heavylift.store.connection import (
    AsyncFollowingConnection,
    AsyncFollowingTLSConnection,
    FollowingConnection,
    FollowingTLSConnection,
    SocketConnection,
)
from heavylift.store.password_file import PasswordFile
from heavylift.store.route import Route
from heavylift.store.sentinels import Sentinels

HANDSHAKE: Final = 1.0  #: Seconds for a new connection to stand, at most.


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What it takes to connect."""

    address: Address
    password_file: Path | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: StoreSettings) -> Self:
        """That of these settings."""
        password = settings.sentinel_password
        return cls(
            settings.address,
            password_file=settings.password_file,
            sentinel_username=settings.sentinel_username,
            sentinel_password=None if password is None else password.get_secret_value(),
        )

    @classmethod
    def at(cls, url: str) -> Self:
        """That of a URL and nothing else. Raises ConfigurationInvalid."""
        try:
            return cls(Address.parse(url))
        except ConfigurationInvalid as error:
            raise ConfigurationInvalid(f"the URL of Redis {error}") from None

    def route(self) -> Route:
        """The way to its primary."""
        address = self.address
        return Route(Sentinels(address.hosts, address.service, self._sentinel_options()) if address.service else None)

    def pool(
        self, route: Route, *, timeout: float, decode: bool = True, connection: type[Any] | None = None
    ) -> redis.ConnectionPool:
        """A pool for blocking code; ``timeout`` in seconds bounds each answer. ``connection`` stands in for its kind."""
        options = self._options(timeout) | {"route": route, "decode_responses": decode, "retry": Retry(NoBackoff(), 0)}
        return redis.ConnectionPool(connection_class=connection or self.connection_class, **_UNEVENTFUL, **options)

    def asyncio_pool(self, route: Route, *, timeout: float, size: int) -> redis.asyncio.BlockingConnectionPool:
        """A pool for asyncio code of at most ``size`` connections; further calls wait for one, at most ``timeout``."""
        options = self._options(timeout) | {"decode_responses": True, "retry": AsyncRetry(NoBackoff(), 0)}
        options |= {} if self.address.path else {"route": route}
        return redis.asyncio.BlockingConnectionPool(
            max_connections=size, timeout=timeout, connection_class=self._asyncio_connection_class, **_UNEVENTFUL, **options
        )

    @property
    def connection_class(self) -> type[Any]:
        """The kind of connection for blocking code."""
        if self.address.path:
            return SocketConnection
        return FollowingTLSConnection if self.address.tls else FollowingConnection

    @property
    def _asyncio_connection_class(self) -> type[Any]:
        if self.address.path:
            return AsyncSocketConnection
        return AsyncFollowingTLSConnection if self.address.tls else AsyncFollowingConnection

    def _options(self, timeout: float) -> dict[str, Any]:
        address = self.address
        waiting = {"socket_timeout": timeout, "socket_connect_timeout": min(timeout, HANDSHAKE)}
        if address.path:
            return waiting | self._credentials() | {"path": address.path, "db": address.db}
        host, port = address.hosts[0]
        place = {"host": host, "port": port, "db": address.db, "socket_keepalive": True}
        return waiting | self._credentials() | place | self._tls_options()

    def _credentials(self) -> dict[str, Any]:
        if self.password_file is not None:
            return {"credential_provider": PasswordFile(self.password_file, self.address.username)}
        return {"username": self.address.username, "password": self.address.password}

    def _sentinel_options(self) -> dict[str, Any]:
        tls = {"ssl": True} | self._tls_options() if self.address.tls else {}
        return {"username": self.sentinel_username, "password": self.sentinel_password} | tls

    def _tls_options(self) -> dict[str, Any]:
        options: dict[str, Any] = dict(self.address.options)
        if "ssl_check_hostname" in options:
            options["ssl_check_hostname"] = options["ssl_check_hostname"] == "true"
        return options


#: Without notifications of maintenance, which only Redis Enterprise sends: asking for them is a round trip for each connection.
_UNEVENTFUL: Final[dict[str, Any]] = {"maint_notifications_config": MaintNotificationsConfig(enabled=False)}
