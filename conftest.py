"""Fixtures for every test in the workspace: a real Redis, and an environment without anybody's settings."""

import os
import uuid
from collections.abc import Iterator

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store.redis import RedisStore
from tests.support.object_stores import S3Server
from tests.support.otlp import OtlpReceiver


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside() -> None:
    for name in [name for name in os.environ if name.startswith(("HEAVYLIFT_", "OTEL_"))]:
        del os.environ[name]


@pytest.fixture(scope="session")
def redis_server(_no_settings_from_outside: None) -> Iterator[EmbeddedRedis]:
    """One redis-server for the whole run. Tests that kill or fill theirs start their own EmbeddedRedis."""
    with EmbeddedRedis() as server:
        yield server


@pytest.fixture
def namespace() -> str:
    """A key namespace that no other test uses."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def redis_store(redis_server: EmbeddedRedis, namespace: str) -> Iterator[RedisStore]:
    """A blocking store on the real Redis, empty."""
    with RedisStore.from_url(redis_server.url, namespace=namespace) as store:
        yield store


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One server that speaks S3 for the whole run; tests keep apart by their prefixes. Who stops it starts it again."""
    with S3Server() as server:
        yield server


@pytest.fixture
def otlp_receiver() -> Iterator[OtlpReceiver]:
    """A collector on loopback that keeps the spans sent to its ``endpoint``."""
    with OtlpReceiver() as receiver:
        yield receiver
