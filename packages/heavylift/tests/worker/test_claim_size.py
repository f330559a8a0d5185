"""How many tiny tasks a child takes at once."""

import json

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Submission
from heavylift.store.calls import Statistics, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

TASKS = 256


@pytest.mark.parametrize(("size", "least", "most"), [("4", TASKS // 4, 4 * TASKS), ("64", TASKS // 64, TASKS // 4 - 1)])
def test_a_child_claims_tiny_tasks_in_portions_of_the_size_that_is_set(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore, size: str, least: int, most: int
) -> None:
    tiny = Submission(kind="sample.add", payload=json.dumps({"a": 1, "b": 2}))
    redis_store.run(Submit(tuple(Submission(kind=tiny.kind, payload=tiny.payload) for _ in range(TASKS))))
    before = _claims(redis_store)

    settings = {"HEAVYLIFT_WORKER_CONCURRENCY": "1", "HEAVYLIFT_WORKER_CLAIM_SIZE": size}
    with WorkerProcess(redis_server.url, namespace, **settings):
        eventually(lambda: _succeeded(redis_store), holds=lambda number: number == TASKS, within=30, claim="the end of all")
        claims = _claims(redis_store) - before

    assert least <= claims <= most


def _claims(store: RedisStore) -> int:
    """How often anybody read from a stream."""
    return int(store._client.info("commandstats").get("cmdstat_xreadgroup", {"calls": 0})["calls"])


def _succeeded(store: RedisStore) -> int:
    return sum(queue.succeeded for queue in store.run(Statistics()).queues)
