"""Runs calls on Redis, 6.2 and later, or Valkey, for blocking code: workers, transport."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError

from heavylift.errors import HeavyliftError
from heavylift.record import Delivery
from heavylift.store.calls import Call, Claim, Waiting
from heavylift.store.client import StoreClient
from heavylift.store.driving import drive
from heavylift.store.endpoint import Endpoint
from heavylift.store.exchange import Command, needs_leave
from heavylift.store.script import script
from heavylift.store.streams import GROUP, Streams, loss_noticed
from heavylift.store.translating import errors_translated

Reply = TypeVar("Reply")


class RedisStore(StoreClient):
    """A store on Redis for blocking code. Safe to use from several threads; not across a fork."""

    TIMEOUT = 3.0

    def _open(self, endpoint: Endpoint, timeout: float) -> None:
        self._client = redis.Redis.from_pool(endpoint.pool(self._route, timeout=timeout))

    def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises StoreUnavailable, NotReplicated, StoreRefused, LeaseLost."""
        with errors_translated(self._route):
            return drive(self._exchange(call), self._say)

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
        with errors_translated(self._route):
            pipeline = self._client.pipeline(transaction=False)
            for call in calls:
                pipeline.evalsha(script(call.script).sha, 1, self.partition, *call.arguments(self.limits))
            replies = pipeline.execute(raise_on_error=False)
        return [self._settle(call, reply) for call, reply in zip(calls, replies, strict=True)]

    def _settle(self, call: Call[Any], reply: Any) -> Any:
        try:
            if isinstance(reply, NoScriptError) or needs_leave(call, reply):
                return self.run(call)
            with errors_translated(self._route):
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
        asleep = Streams(self.partition, streams)
        with errors_translated(self._route), loss_noticed():
            reply: Any = self._client.xreadgroup(GROUP, consumer, asleep.asked, count=1, block=max(1, round(timeout * 1000)))
        return asleep.waiting(reply)

    def wait_and_claim(self, claim: Claim, timeout: float) -> tuple[Delivery, ...]:
        """The same for a consumer with nothing in hand, and the claim with it: Redis does it as soon as the read is over.

        So an idle worker has a task one way and not three after it was submitted. ``claim`` is to look for its ``own``.
        """
        streams = Streams(self.partition, [source.stream for source in claim.sources]).asked
        with errors_translated(self._route):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.xreadgroup(GROUP, claim.consumer, streams, count=1, block=max(1, round(timeout * 1000)))
            pipeline.evalsha(script(claim.script).sha, 1, self.partition, *claim.arguments(self.limits))
            read, claimed = pipeline.execute(raise_on_error=False)
        if isinstance(read, ResponseError):
            with errors_translated(self._route), loss_noticed():
                raise read
        reply = self._settle(claim, claimed)
        if isinstance(reply, HeavyliftError):
            raise reply
        deliveries: tuple[Delivery, ...] = reply
        return deliveries

    @contextmanager
    def listening(self, channel: str) -> Iterator[Callable[[float], bool]]:
        """Yields a function that returns whether anything was said on a channel within so many seconds.

        Both are for one thread, and raise StoreUnavailable when the connection breaks. What was said before is not heard.
        """
        with errors_translated(self._route), self._client.pubsub(ignore_subscribe_messages=True) as ears:
            ears.subscribe(f"{self.partition}:{channel}")

            def heard(seconds: float) -> bool:
                if ears.connection is None or not ears.connection.is_connected:  # after a ping that failed
                    raise RedisConnectionError("the subscription has lost its connection")
                deadline = time.monotonic() + seconds
                while (left := deadline - time.monotonic()) > 0:
                    message = ears.get_message(timeout=left)  # None as well, and at once, for the answer to a ping
                    if message is not None and message["type"] == "message":
                        return True
                ears.ping()  # a connection that is dead says so at the next one
                return False

            yield heard

    def subscription(self) -> redis.client.PubSub:
        """A connection of its own on which to hear what is published. Whoever asks for it closes it."""
        made: redis.client.PubSub = self._client.pubsub()
        return made

    def ping(self) -> None:
        """Return when Redis answers. Raises StoreUnavailable."""
        with errors_translated(self._route):
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
