"""An API, the store behind it, and who submits to it."""

from collections.abc import Iterator

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.kinds import KINDS

NAMESPACE = "clients"


@pytest.fixture(scope="module")
def clients_store(redis_server: EmbeddedRedis) -> Iterator[RedisStore]:
    """What all clients submit to, as a worker sees it."""
    with RedisStore.from_url(redis_server.url, namespace=NAMESPACE) as store:
        store.run(calls.Publish(KINDS))
        yield store


@pytest.fixture(scope="module")
def clients_api(redis_server: EmbeddedRedis, clients_store: RedisStore) -> Iterator[ApiProcess]:
    """The API that clients over HTTP ask."""
    api = ApiProcess(redis_server.url, NAMESPACE)
    try:
        yield api.start()
    finally:
        api.stop()
