"""The API on the real Redis, with a catalogue as workers publish it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
import pytest_asyncio

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.asgi import InProcessApi, running_api
from tests.support.eventually import eventually
from tests.support.kinds import KINDS


@pytest.fixture
def store(redis_store: RedisStore) -> RedisStore:
    """What the API keeps its tasks in, as a worker sees it."""
    redis_store.run(calls.Publish(KINDS))
    return redis_store


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def refusing(redis_server: EmbeddedRedis) -> AsyncIterator[InProcessApi]:
    """One API for all tests that are ``refused``: what they ask for leaves nothing behind."""
    with RedisStore.from_url(redis_server.url, namespace="refusing") as store:
        store.run(calls.Publish(KINDS))
        async with running_api(redis_server.url, "refusing") as running:
            yield running
            assert store.run(calls.List()).records == ()


@pytest.fixture
async def api(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> AsyncIterator[InProcessApi]:
    """The API, which knows the kinds of ``tests.support.kinds``."""
    async with running_api(redis_server.url, namespace) as running:
        yield running


@pytest.fixture
def two(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> Iterator[list[ApiProcess]]:
    """Two processes behind one name, as a Service of Kubernetes has them."""
    with ExitStack() as opened:
        processes = [ApiProcess(redis_server.url, namespace) for _ in range(2)]
        for process in processes:
            opened.callback(process.stop)
            process.launch()
        for process in processes:
            eventually(process.is_ready, within=30, claim="readiness")
        yield processes
