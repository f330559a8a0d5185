"""A Redis that is not there, or says nothing."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from heavylift.errors import ConfigurationInvalid, StoreUnavailable
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.redis import RedisStore


def test_nobody_listening_is_said_at_once() -> None:
    with RedisStore.from_url("redis://127.0.0.1:1/0") as store:
        started = time.monotonic()

        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            store.run(calls.Statistics())
        with pytest.raises(StoreUnavailable):
            store.run_all([calls.Statistics()])
        with pytest.raises(StoreUnavailable):
            store.wait("w1", calls.streams(("default",)), 0.1)
        with pytest.raises(StoreUnavailable):
            store.ping()

        assert time.monotonic() - started < 1


async def test_nobody_listening_is_said_at_once_to_asyncio_code() -> None:
    store = AsyncRedisStore.from_url("redis://127.0.0.1:1/0")

    with pytest.raises(StoreUnavailable):
        await store.run(calls.Statistics())
    with pytest.raises(StoreUnavailable):
        await store.ping()
    await store.close()


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_a_redis_that_does_not_answer_is_given_up_in_time(silent: str) -> None:
    with RedisStore.from_url(silent, timeout=0.1) as store:
        started = time.monotonic()

        with pytest.raises(StoreUnavailable):
            store.run(calls.Statistics())

        assert 0.1 <= time.monotonic() - started < 2


async def test_a_redis_that_does_not_answer_is_given_up_in_time_by_asyncio_code(silent: str) -> None:
    store = AsyncRedisStore.from_url(silent, timeout=0.1)
    started = time.monotonic()

    with pytest.raises(StoreUnavailable):
        await store.run(calls.Statistics())

    assert 0.1 <= time.monotonic() - started < 2
    await store.close()


@pytest.mark.parametrize("kind", [RedisStore, AsyncRedisStore])
@pytest.mark.parametrize("url", ["http://127.0.0.1:6379", "amqp://127.0.0.1", "127.0.0.1:6379"])
def test_a_url_of_another_scheme_is_refused_with_the_ones_that_work(kind: Any, url: str) -> None:
    with pytest.raises(
        ConfigurationInvalid, match=r"the URL of Redis begins with redis://, rediss://, unix://, redis\+sentinel:// or"
    ):
        kind.from_url(url)
