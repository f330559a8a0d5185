"""The clients that must keep every promise of this folder. A new transport becomes two more parameters of ``client``."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from packages.heavylift.tests.client.conftest import NAMESPACE

from heavylift.client import AsyncClient, Client
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Cancelled, Failed, Failure, Outcome, Succeeded
from heavylift.record import Delivery
from heavylift.state import FailureReason
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from heavylift.story import LogLine
from tests.support.api import ApiProcess
from tests.support.driven import Driven


@pytest.fixture(params=["http", "http-asyncio", "redis", "redis-asyncio"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Each client in turn, those for asyncio code driven by each call."""
    monkeypatch.setenv("HEAVYLIFT_STORE_NAMESPACE", NAMESPACE)
    with opened(_url(request), awaited=request.param.endswith("asyncio")) as client:
        yield client


@pytest.fixture(params=["http", "http-asyncio"])
def operator(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each client that does what operators do."""
    with opened(_url(request), awaited=request.param.endswith("asyncio")) as client:
        yield client


@contextmanager
def opened(url: str, *, awaited: bool) -> Iterator[Any]:
    """A client, as one that blocks."""
    if not awaited:
        with Client(url) as client:
            yield client
        return
    with asyncio.Runner() as runner:
        driven = Driven(AsyncClient(url), runner)
        yield driven
        driven.close()


def _url(request: pytest.FixtureRequest) -> str:
    api: ApiProcess = request.getfixturevalue("clients_api")
    redis: EmbeddedRedis = request.getfixturevalue("redis_server")
    return redis.url if request.param.startswith("redis") else api.base


@dataclass
class Worker:
    """Who takes the tasks of one test in hand: those of a queue of its own."""

    store: RedisStore
    queue: str

    def take(self) -> Delivery:
        """The next task of the queue."""
        self.store.run(calls.Register(self.queue, (self.queue,), 60.0, {"host": "here"}))
        claim = calls.Claim.of(self.queue, (self.queue,), 1)
        (delivery,) = self.store.run(claim)
        return delivery

    def end(self, delivery: Delivery, outcome: Outcome) -> None:
        """Bring a task to its end."""
        assert self.store.run(calls.Complete((calls.Ended(delivery.id, delivery.fence, outcome),))) == (True,)

    def succeed(self, result: Any = None) -> str:
        """Run the next task; its id."""
        delivery = self.take()
        self.end(delivery, Succeeded(json.dumps(result)))
        return delivery.id

    def fail(self, message: str = "it broke") -> str:
        """Run the next task, in vain; its id."""
        delivery = self.take()
        error = Failure("ValueError", message, retryable=False, traceback="Traceback: …", fingerprint="0123456789abcdef")
        self.end(delivery, Failed(error, FailureReason.PERMANENT))
        return delivery.id

    def give_way(self) -> None:
        """End the next task as one that was called off."""
        self.end(self.take(), Cancelled())

    def say(self, delivery: Delivery, *progress: float) -> None:
        """Let a task say how far it is."""
        for done in progress:
            memo = calls.Memo.progress(delivery.id, delivery.fence, {"done": done, "total": 10.0, "message": None})
            self.store.run(calls.Remember((memo,)))

    def log(self, delivery: Delivery, *lines: tuple[int, str]) -> None:
        """Let a task log lines of these numbers."""
        written = [LogLine(number, 1_767_225_600_000, "info", 1, "shop", message, {"n": number}) for number, message in lines]
        self.store.run(calls.Remember((calls.Memo.log(delivery.id, delivery.fence, written),)))


@pytest.fixture
def queue() -> str:
    """A queue of this test's own."""
    return f"q-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def worker(clients_store: RedisStore, queue: str) -> Worker:
    """Who serves that queue."""
    return Worker(clients_store, queue)
