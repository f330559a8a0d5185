"""How many tiny tasks a child takes at once."""

import json

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Submission
from heavylift.store.calls import Statistics, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

TASKS = 256


def test_a_child_takes_no_more_tiny_tasks_at_once_than_is_set(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore
) -> None:
    payload = json.dumps({"a": 1, "b": 2})
    redis_store.run(Submit(tuple(Submission(kind="sample.add", payload=payload) for _ in range(TASKS))))
    before = _claims(redis_store)

    settings = {"HEAVYLIFT_WORKER_CONCURRENCY": "1", "HEAVYLIFT_WORKER_CLAIM_SIZE": "4"}
    with WorkerProcess(redis_server.url, namespace, **settings):
        eventually(lambda: _succeeded(redis_store), holds=lambda number: number == TASKS, within=30, claim="the end of all")
        claims = _claims(redis_store) - before

    assert claims >= TASKS / 4


def _claims(store: RedisStore) -> int:
    """How often anybody read from a stream."""
    return int(store._client.info("commandstats").get("cmdstat_xreadgroup", {"calls": 0})["calls"])


def _succeeded(store: RedisStore) -> int:
    return sum(queue.succeeded for queue in store.run(Statistics()).queues)
