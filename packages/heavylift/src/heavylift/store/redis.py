"""Runs calls on Redis, 6.2 and later, or Valkey. Blocking (worker, transport) and asyncio (API)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from heavylift.errors import ConfigurationInvalid, HeavyliftError, LeaseLost, StoreRefused, StoreUnavailable
from heavylift.store.calls import Call, Limits, Waiting
from heavylift.store.script import script

Reply = TypeVar("Reply")

GROUP: Final = "workers"
PARTITION: Final = "{p0}"


class RedisStore:
    """A store on Redis for blocking code. Safe to use from several threads; not across a fork."""

    def __init__(self, client: "redis.Redis", *, namespace: str = "heavylift", limits: Limits | None = None) -> None:
        self._client = client
        self.partition = f"{namespace}:{PARTITION}"
        self.limits = limits or Limits()

    @classmethod
    def from_url(cls, url: str, *, timeout: float = 5.0, namespace: str = "heavylift", limits: Limits | None = None) -> Self:
        """A store at a ``redis://``, ``rediss://`` or ``unix://`` URL; ``timeout`` in seconds bounds each answer."""
        client = redis.Redis.from_url(_checked(url), retry=Retry(NoBackoff(), 0), **_options(timeout))
        return cls(client, namespace=namespace, limits=limits)

    def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises StoreUnavailable, StoreRefused, LeaseLost."""
        arguments = call.arguments(self.limits)
        source = script(call.script)
        with _errors_translated():
            try:
                reply = self._client.evalsha(source.sha, 1, self.partition, *arguments)
            except NoScriptError:
                reply = self._client.eval(source.text, 1, self.partition, *arguments)
        return call.parse(reply)

    def run_all(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """Ask several things in one round trip. An error of one is returned in its place as an exception.

        They must not depend on each other's order: one whose script Redis does not have is asked again after the others.
        """
        with _errors_translated():
            pipeline = self._client.pipeline(transaction=False)
            for call in calls:
                pipeline.evalsha(script(call.script).sha, 1, self.partition, *call.arguments(self.limits))
            replies = pipeline.execute(raise_on_error=False)
        return [self._settle(call, reply) for call, reply in zip(calls, replies, strict=True)]

    def _settle(self, call: Call[Any], reply: Any) -> Any:
        try:
            if isinstance(reply, NoScriptError):
                return self.run(call)
            with _errors_translated():
                if isinstance(reply, Exception):
                    raise reply
            return call.parse(reply)
        except HeavyliftError as error:
            return error

    def wait(self, consumer: str, streams: Sequence[str], timeout: float) -> tuple[Waiting, ...]:
        """Sleep until a task comes in, at most ``timeout`` seconds; what came is this consumer's to claim.

        Blocking commands do not block inside scripts, so the read stands alone and the claim follows it. It may take one task of
        each stream. Raises LeaseLost when Redis lost the streams with the rest of its data; registering makes them again.
        """
        keys = {f"{self.partition}:queue:{stream}": stream for stream in streams}
        with _errors_translated():
            try:
                reply: Any = self._client.xreadgroup(
                    GROUP, consumer, dict.fromkeys(keys, ">"), count=1, block=max(1, round(timeout * 1000))
                )
            except ResponseError as error:
                if "NOGROUP" in str(error):
                    raise LeaseLost from error
                raise
        found = reply.items() if isinstance(reply, dict) else reply or ()
        return tuple(Waiting(keys[key], entry, fields["id"]) for key, entries in found for entry, fields in _flattened(entries))

    def ping(self) -> None:
        """Return when Redis answers. Raises StoreUnavailable."""
        with _errors_translated():
            self._client.ping()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncRedisStore:
    """A store on Redis for asyncio code, with the same calls."""

    def __init__(self, client: "redis.asyncio.Redis", *, namespace: str = "heavylift", limits: Limits | None = None) -> None:
        self.client = client
        self.namespace = namespace
        self.partition = f"{namespace}:{PARTITION}"
        self.limits = limits or Limits()

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        timeout: float = 1.5,
        namespace: str = "heavylift",
        limits: Limits | None = None,
        max_connections: int = 64,
    ) -> Self:
        """As for RedisStore. At most ``max_connections`` are open; further calls wait for one, at most ``timeout``."""
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            _checked(url), max_connections=max_connections, retry=AsyncRetry(NoBackoff(), 0), **_options(timeout)
        )
        pool.timeout = timeout  # from_url would take a keyword of this name for the connections
        return cls(redis.asyncio.Redis.from_pool(pool), namespace=namespace, limits=limits)

    async def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises StoreUnavailable, StoreRefused, LeaseLost."""
        arguments = call.arguments(self.limits)
        source = script(call.script)
        with _errors_translated():
            try:
                reply = await self.client.evalsha(source.sha, 1, self.partition, *arguments)
            except NoScriptError:
                reply = await self.client.eval(source.text, 1, self.partition, *arguments)
        return call.parse(reply)

    async def ping(self) -> None:
        """Return when Redis answers. Raises StoreUnavailable."""
        with _errors_translated():
            await self.client.ping()

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, OSError) as error:
        raise StoreUnavailable(f"Redis cannot be reached or does not answer: {error}") from error
    except ResponseError as error:
        if str(error).startswith("LEASELOST"):
            raise LeaseLost from error
        raise StoreRefused(f"Redis refused the call: {error}") from error
    except RedisError as error:
        raise StoreUnavailable(f"Redis answered with an error: {error}") from error


def _flattened(entries: Any) -> Iterator[tuple[str, dict[str, str]]]:
    # redis-py answers a list of (id, fields) on RESP2 and nests it once more on RESP3.
    for entry in entries:
        if isinstance(entry, list) and entry and not isinstance(entry[0], str):
            yield from _flattened(entry)
        else:
            yield entry[0], entry[1]


def _options(timeout: float) -> dict[str, Any]:
    return {
        "decode_responses": True,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "socket_keepalive": True,
        "health_check_interval": 0,
    }


def _checked(url: str) -> str:
    if not url.startswith(("redis://", "rediss://", "unix://")):
        scheme = url.split("://", 1)[0]
        raise ConfigurationInvalid(f"a Redis URL begins with redis://, rediss:// or unix://, not with {scheme!r}")
    return url
