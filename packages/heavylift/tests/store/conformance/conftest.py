"""The stores that must keep every promise of this folder, each under one set of verbs.

A new store proves itself by becoming one more parameter of ``subject``.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
import redis

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failure, Outcome, Retry, Succeeded
from heavylift.record import Accepted, Delivery, Executor, Record, Submission, from_ms
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.calls import Call, Ended, Limits
from heavylift.store.memory import MemoryStore
from heavylift.store.redis import RedisStore

Reply = TypeVar("Reply")

LEASE = 60.0


@dataclass
class Subject:
    """One store under test. ``now`` is its clock, ``elapse`` lets seconds pass on it, ``limit`` sets how much it keeps."""

    run: Callable[[Call[Any]], Any]
    run_all: Callable[[list[Call[Any]]], list[Any]]
    read: Callable[[str, list[str], float], tuple[calls.Waiting, ...]]
    now: Callable[[], datetime]
    elapse: Callable[[float], None]
    limit: Callable[[Limits], None]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def submit(self, **fields: Any) -> Accepted:
        """Submit one task."""
        given = {"kind": "demo.work", "payload": f'{{"n": {next(self._numbers)}}}'} | fields
        answers: tuple[Accepted, ...] = self.run(calls.Submit((Submission(**given),)))
        return answers[0]

    def submit_many(self, count: int, **fields: Any) -> list[str]:
        """Submit ``count`` equal tasks; their ids in order."""
        tasks = tuple(Submission(**({"kind": "demo.work", "payload": "{}"} | fields)) for _ in range(count))
        return [accepted.id for accepted in self.run(calls.Submit(tasks))]

    def register(self, consumer: str = "w1", *queues: str, lease: float = LEASE, **fields: Any) -> str:
        """Announce a consumer."""
        self.run(calls.Register(consumer, queues or ("default",), lease, {"host": "here"}, **fields))
        return consumer

    def claim(
        self,
        count: int = 1,
        *,
        by: str = "w1",
        queues: tuple[str, ...] = ("default",),
        executors: tuple[Executor, ...] = (Executor.PROCESS,),
        waiting: tuple[calls.Waiting, ...] = (),
        own: bool = False,
    ) -> list[Delivery]:
        """Claim with a consumer that is announced already, in strict order."""
        claim = calls.Claim.of(by, queues, count, executors=executors)
        return list(self.run(replace(claim, waiting=waiting, own=own)))

    def claim_from(self, *sources: tuple[str, int], count: int = 64, by: str = "w1") -> list[Delivery]:
        """Claim from streams in an order of one's own, each with the number of its tasks that make a whole claim."""
        return list(self.run(calls.Claim(by, tuple(calls.Source(*source) for source in sources), count)))

    def wait(self, by: str = "w1", *queues: str) -> tuple[calls.Waiting, ...]:
        """Wait a moment for what comes in."""
        return self.read(by, calls.streams(queues or ("default",)), 0.01)

    def take(self, by: str = "w1", **fields: Any) -> Delivery:
        """Submit one task and claim it with a consumer that is announced for it."""
        self.register(by)
        id_ = self.submit(**fields).id
        (delivery,) = self.claim(by=by)
        assert delivery.id == id_
        return delivery

    def end(self, delivery: Delivery, outcome: Outcome) -> bool:
        """Carry one outcome to the store."""
        ended = (Ended(delivery.id, delivery.fence, outcome),)
        (committed,) = self.run(calls.Reschedule(ended) if isinstance(outcome, Retry) else calls.Complete(ended))
        return bool(committed)

    def succeed(self, delivery: Delivery, result: str = '"done"') -> bool:
        """Complete with a result."""
        return self.end(delivery, Succeeded(result))

    def release(self, *deliveries: Delivery) -> tuple[bool, ...]:
        """Give back unharmed."""
        flags: tuple[bool, ...] = self.run(calls.Release(tuple((d.id, d.fence) for d in deliveries)))
        return flags

    def hand_on(self, consumer: str = "w1", *, blame: bool = True, max_deaths: int = 3, **fields: Any) -> calls.HandedOn:
        """End a consumer."""
        handed: calls.HandedOn = self.run(calls.HandOn(consumer, fields.pop("cause", "SIGKILL"), blame, max_deaths, **fields))
        return handed

    def record(self, id_: str) -> Record:
        """The record of a task that exists."""
        record = self.run(calls.Read(id_))
        assert isinstance(record, Record)
        return record

    def state(self, id_: str) -> State:
        """Where a task is."""
        return self.record(id_).state

    def counts(self, queue: str = "default") -> calls.QueueStatistics:
        """The statistics of one queue."""
        statistics: calls.StatisticsReply = self.run(calls.Statistics())
        return next(counts for counts in statistics.queues if counts.queue == queue)


BROKEN = Failure("ValueError", "it broke", retryable=True, traceback="Traceback: …")


@pytest.fixture
def broken() -> Failure:
    """An error of a task's function."""
    return BROKEN


@pytest.fixture(params=["redis", "redis-6.2", "redis-asyncio", "memory"])
def subject(request: pytest.FixtureRequest, namespace: str) -> Iterator[Subject]:
    """Each store in turn, empty."""
    with ExitStack() as opened:
        if request.param == "memory":
            yield _on_memory()
        elif request.param == "redis-asyncio":
            yield _on_redis_asyncio(request.getfixturevalue("redis_server"), namespace, opened)
        else:
            server = "old_redis_server" if request.param == "redis-6.2" else "redis_server"
            yield _on_redis(request.getfixturevalue(server), namespace, opened)


def _on_memory() -> Subject:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    store = MemoryStore(now=lambda: clock[0])

    def elapse(seconds: float) -> None:
        clock[0] += timedelta(seconds=seconds)

    return Subject(store.run, store.run_all, store.wait, lambda: clock[0], elapse, partial(setattr, store, "limits"))


def _on_redis(server: EmbeddedRedis, namespace: str, opened: ExitStack) -> Subject:
    store = opened.enter_context(RedisStore.from_url(server.url, namespace=namespace))
    now = _clock(server, opened)
    return Subject(store.run, store.run_all, store.wait, now, partial(_await, now), partial(setattr, store, "limits"))


def _on_redis_asyncio(server: EmbeddedRedis, namespace: str, opened: ExitStack) -> Subject:
    runner = opened.enter_context(asyncio.Runner())
    store = AsyncRedisStore.from_url(server.url, namespace=namespace)
    opened.callback(lambda: runner.run(store.close()))

    def run(call: Call[Reply]) -> Reply:
        return runner.run(store.run(call))

    # Blocking reads and pipelines belong to consumers, which are blocking code: these two verbs stay with the blocking store.
    blocking = _on_redis(server, namespace, opened)
    return replace(blocking, run=run, limit=partial(setattr, store, "limits"))


def _clock(server: EmbeddedRedis, opened: ExitStack) -> Callable[[], datetime]:
    client = opened.enter_context(closing(redis.Redis.from_url(server.url)))

    def now() -> datetime:
        seconds, microseconds = client.time()
        return from_ms(seconds * 1000 + microseconds // 1000)

    return now


def _await(now: Callable[[], datetime], seconds: float) -> None:
    until = now() + timedelta(seconds=seconds)
    while now() <= until:
        time.sleep(0.001)  # between looks at the store's own clock
