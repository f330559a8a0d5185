"""Fixtures for tests that look at one part of a campaign."""

from collections.abc import Iterator

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from tests.chaos.journal import Journal


@pytest.fixture
def journal() -> Iterator[Journal]:
    """The journal of a server of its own."""
    with EmbeddedRedis() as server:
        reader = Journal(server.url)
        yield reader
        reader.close()
