"""Hearing what is said on a channel, and that nothing is."""

import time
from collections.abc import Iterator

import pytest
import redis

from heavylift.errors import StoreUnavailable
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store.redis import RedisStore

SILENCE = 0.3  #: Seconds.


@pytest.fixture
def own_server() -> Iterator[EmbeddedRedis]:
    """A server whose commands are counted, and that may be stopped."""
    with EmbeddedRedis() as server:
        yield server


def pings(server: EmbeddedRedis) -> int:
    """Signs of life that it was asked for so far."""
    with redis.Redis.from_url(server.url) as client:
        told: dict[str, dict[str, int]] = client.info("commandstats")
    return told["cmdstat_ping"]["calls"]


def test_silence_is_listened_to_for_as_long_as_was_asked_with_one_sign_of_life_each_time(own_server: EmbeddedRedis) -> None:
    with RedisStore.from_url(own_server.url) as store, store.listening("changes") as heard:
        before, began = pings(own_server), time.monotonic()
        assert [heard(SILENCE) for _ in range(4)] == [False] * 4
        assert time.monotonic() - began >= 4 * SILENCE

    assert pings(own_server) - before in (3, 4)  # the last may still be on its way


def test_what_is_said_is_heard_at_once_also_after_a_silence(own_server: EmbeddedRedis) -> None:
    with RedisStore.from_url(own_server.url) as store, store.listening("changes") as heard:
        assert not heard(SILENCE)
        with redis.Redis.from_url(own_server.url) as client:
            client.publish(f"{store.partition}:changes", "")

        assert heard(30.0)


def test_a_server_that_is_gone_is_no_silence(own_server: EmbeddedRedis) -> None:
    def listen_on_after_the_end() -> None:
        with RedisStore.from_url(own_server.url) as store, store.listening("changes") as heard:
            own_server.stop()
            while not heard(SILENCE):
                pass

    with pytest.raises(StoreUnavailable):
        listen_on_after_the_end()
