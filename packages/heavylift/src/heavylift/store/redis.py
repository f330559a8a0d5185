"""Runs calls on Redis, 6.2 and later, or Valkey. Blocking (worker, transport) and asyncio (API)."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import redis
import redis.asyncio
from redis.exceptions import NoScriptError, RedisError, ResponseError

from heavylift.errors import HeavyliftError, LeaseLost
from heavylift.record import Delivery
from heavylift.settings import StoreSettings
from heavylift.store.calls import Call, Claim, Limits, Waiting
from heavylift.store.endpoint import Endpoint
from heavylift.store.exchange import Command, Terms, exchange, needs_leave
from heavylift.store.route import Route
from heavylift.store.script import script
from heavylift.store.troubles import is_elsewhere, translated

Reply = TypeVar("Reply")

GROUP: Final = "workers"
PARTITION: Final = "{p0}"
TIMEOUT: Final = 3.0  #: Seconds for an answer to blocking code, unless its caller says otherwise.
ASYNC_TIMEOUT: Final = 1.5  #: Seconds for an answer to asyncio code.
REPLICA_DEADLINE: Final = 1.0  #: Seconds for a replica to confirm what is to be durable.
CONNECTIONS: Final = 64  #: As many are open at once from asyncio code; further calls wait for one, as long as for an answer.

_SHARE: Final = 0.8  # of the time for an answer is what a replica has at most: the answer must still come back

#: Redis lost its data, and the stream or its group with them; registering makes them again.
_LOST_STREAM: Final = ("NOGROUP", "UNBLOCKED the stream key no longer exists")


class RedisStore:
    """A store on Redis for blocking code. Safe to use from several threads; not across a fork."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float = TIMEOUT,
        namespace: str = "heavylift",
        limits: Limits | None = None,
        replica_deadline: float = REPLICA_DEADLINE,
    ) -> None:
        self._route = endpoint.route()
        self._client = redis.Redis.from_pool(endpoint.pool(self._route, timeout=timeout))
        self.partition = f"{namespace}:{PARTITION}"
        self.limits = limits or Limits()
        self._replica_deadline = min(replica_deadline, timeout * _SHARE)

    @classmethod
    def of(cls, settings: StoreSettings, *, timeout: float = TIMEOUT) -> Self:
        """The store of these settings; ``timeout`` in seconds bounds each answer."""
        return cls(Endpoint.of(settings), timeout=timeout, **_kept(settings))

    @classmethod
    def from_url(cls, url: str, *, timeout: float = TIMEOUT, namespace: str = "heavylift", limits: Limits | None = None) -> Self:
        """A store at a URL as ``heavylift.address`` reads it. Raises ConfigurationInvalid."""
        return cls(Endpoint.at(url), timeout=timeout, namespace=namespace, limits=limits)

    def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises StoreUnavailable, NotReplicated, StoreRefused, LeaseLost."""
        asking = exchange(call, Terms(self.partition, self.limits, self._replica_deadline))
        with _errors_translated(self._route):
            commands = next(asking)
            while True:
                try:
                    commands = asking.send(self._say(commands))
                except StopIteration as over:
                    answer: Reply = over.value
                    return answer

    def _say(self, commands: Sequence[Command]) -> Sequence[Any]:
        if len(commands) > 1:
            return self._say_in_turn(commands)
        try:
            return [self._client.execute_command(*commands[0])]
        except ResponseError as error:
            return [error]

    def _say_in_turn(self, commands: Sequence[Command]) -> Sequence[Any]:
        replies: list[Any] = []
        connected = self._client.pipeline()  # to redis-py, what keeps a connection over several commands
        try:
            replies.extend(connected.immediate_execute_command(*command) for command in commands)
        except ResponseError as error:
            replies.append(error)
        finally:
            connected.reset()
        return replies

    def run_all(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """Ask several things in one round trip. An error of one is returned in its place as an exception.

        They must not depend on each other's order: one that has to be asked again is so after the others. Durability is kept by
        ``run`` alone.
        """
        with _errors_translated(self._route):
            pipeline = self._client.pipeline(transaction=False)
            for call in calls:
                pipeline.evalsha(script(call.script).sha, 1, self.partition, *call.arguments(self.limits))
            replies = pipeline.execute(raise_on_error=False)
        return [self._settle(call, reply) for call, reply in zip(calls, replies, strict=True)]

    def _settle(self, call: Call[Any], reply: Any) -> Any:
        try:
            if isinstance(reply, NoScriptError) or needs_leave(call, reply):
                return self.run(call)
            with _errors_translated(self._route):
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
        keys = {self._stream_key(stream): stream for stream in streams}
        with _errors_translated(self._route), _lost_streams_noticed():
            reply: Any = self._client.xreadgroup(
                GROUP, consumer, dict.fromkeys(keys, ">"), count=1, block=max(1, round(timeout * 1000))
            )
        found = reply.items() if isinstance(reply, dict) else reply or ()
        return tuple(Waiting(keys[key], entry, fields["id"]) for key, entries in found for entry, fields in _flattened(entries))

    def wait_and_claim(self, claim: Claim, timeout: float) -> tuple[Delivery, ...]:
        """The same for a consumer with nothing in hand, and the claim with it: Redis does it as soon as the read is over.

        So an idle worker has a task one way and not three after it was submitted. ``claim`` is to look for its ``own``.
        """
        streams: Any = {self._stream_key(source.stream): ">" for source in claim.sources}
        with _errors_translated(self._route):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.xreadgroup(GROUP, claim.consumer, streams, count=1, block=max(1, round(timeout * 1000)))
            pipeline.evalsha(script(claim.script).sha, 1, self.partition, *claim.arguments(self.limits))
            read, claimed = pipeline.execute(raise_on_error=False)
        if isinstance(read, ResponseError):
            with _errors_translated(self._route), _lost_streams_noticed():
                raise read
        reply = self._settle(claim, claimed)
        if isinstance(reply, HeavyliftError):
            raise reply
        deliveries: tuple[Delivery, ...] = reply
        return deliveries

    def _stream_key(self, stream: str) -> str:
        return f"{self.partition}:queue:{stream}"

    def ping(self) -> None:
        """Return when Redis answers. Raises StoreUnavailable."""
        with _errors_translated(self._route):
            self._client.ping()

    @property
    def connections(self) -> int:
        """How many were ever made. One more than before may lead to another server, or to the same with less in its memory."""
        return self._route.connections

    def interrupt(self) -> None:
        """Let every call that is under way, in whatever thread, fail at once."""
        self._client.connection_pool.disconnect()

    def give_up(self) -> None:
        """Let every call fail at once from now on: nobody is to wait for a Redis that is silent."""
        self._route.end()
        self.interrupt()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncRedisStore:
    """A store on Redis for asyncio code, with the same calls."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float = ASYNC_TIMEOUT,
        namespace: str = "heavylift",
        limits: Limits | None = None,
        replica_deadline: float = REPLICA_DEADLINE,
    ) -> None:
        self._route = endpoint.route()
        self.client = redis.asyncio.Redis.from_pool(endpoint.asyncio_pool(self._route, timeout=timeout, size=CONNECTIONS))
        self.partition = f"{namespace}:{PARTITION}"
        self.limits = limits or Limits()
        self._replica_deadline = min(replica_deadline, timeout * _SHARE)

    @classmethod
    def of(cls, settings: StoreSettings, *, timeout: float = ASYNC_TIMEOUT) -> Self:
        """The store of these settings; ``timeout`` in seconds bounds each answer."""
        return cls(Endpoint.of(settings), timeout=timeout, **_kept(settings))

    @classmethod
    def from_url(
        cls, url: str, *, timeout: float = ASYNC_TIMEOUT, namespace: str = "heavylift", limits: Limits | None = None
    ) -> Self:
        """A store at a URL as ``heavylift.address`` reads it. Raises ConfigurationInvalid."""
        return cls(Endpoint.at(url), timeout=timeout, namespace=namespace, limits=limits)

    async def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises StoreUnavailable, NotReplicated, StoreRefused, LeaseLost."""
        asking = exchange(call, Terms(self.partition, self.limits, self._replica_deadline))
        with _errors_translated(self._route):
            commands = next(asking)
            while True:
                try:
                    commands = asking.send(await self._say(commands))
                except StopIteration as over:
                    answer: Reply = over.value
                    return answer

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
        with _errors_translated(self._route):
            await self.client.ping()

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()


@contextmanager
def _errors_translated(route: Route) -> Iterator[None]:
    try:
        yield
    except asyncio.CancelledError:  # by a deadline, perhaps
        route.suspect()
        raise
    except (RedisError, OSError) as error:
        if is_elsewhere(error):
            route.doubt()
        elif not isinstance(error, ResponseError):
            route.suspect()
        raise translated(error) from error


@contextmanager
def _lost_streams_noticed() -> Iterator[None]:
    try:
        yield
    except ResponseError as error:
        if any(sign in str(error) for sign in _LOST_STREAM):
            raise LeaseLost from error
        raise


def _kept(settings: StoreSettings) -> dict[str, Any]:
    return {
        "namespace": settings.namespace,
        "limits": Limits.of(settings),
        "replica_deadline": settings.replica_deadline,
    }


def _flattened(entries: Any) -> Iterator[tuple[str, dict[str, str]]]:
    # redis-py answers a list of (id, fields) on RESP2 and nests it once more on RESP3.
    for entry in entries:
        if isinstance(entry, list) and entry and not isinstance(entry[0], str):
            yield from _flattened(entry)
        else:
            yield entry[0], entry[1]
