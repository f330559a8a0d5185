"""A real worker with more to do than it can: who comes first, under each of the two orders."""

import json
from collections.abc import Sequence
from datetime import datetime

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Priority, Record, Submission
from heavylift.state import State
from heavylift.store.calls import List, Statistics, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

ONE_CHILD = {"HEAVYLIFT_WORKER_CONCURRENCY": "1", "HEAVYLIFT_WORKER_ASYNCIO_CHILDREN": "0"}


def submit(store: RedisStore, number: int, priority: Priority, queue: str = "default") -> None:
    payload = json.dumps({"seconds": 0.003})
    task = {"kind": "sample.sleep", "payload": payload, "priority": priority, "queue": queue}
    store.run(Submit(tuple(Submission(**task) for _ in range(number))))  # type: ignore[arg-type]  # the fields are right


def all_done(store: RedisStore, number: int) -> Sequence[Record]:
    """Every record, once all tasks have ended."""

    def succeeded() -> int:
        return sum(queue.succeeded for queue in store.run(Statistics()).queues)

    eventually(succeeded, holds=lambda seen: seen == number, within=30, claim="the end of all tasks")
    return store.run(List(count=number, state=State.SUCCEEDED)).records


def claimed(record: Record) -> datetime:
    assert record.started_at is not None
    return record.started_at


def before_the_last(records: Sequence[Record], *, of: Priority) -> list[Record]:
    """What was claimed before the last task of a priority in the default queue, in that order."""
    last = max(claimed(record) for record in records if record.priority is of and record.queue == "default")
    return sorted((record for record in records if claimed(record) < last), key=claimed)


def test_low_and_light_go_on_while_a_thousand_urgent_tasks_wait(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore
) -> None:
    submit(redis_store, 100, Priority.LOW)
    submit(redis_store, 1000, Priority.HIGH)
    submit(redis_store, 50, Priority.LOW, queue="light")

    with WorkerProcess(redis_server.url, namespace, HEAVYLIFT_WORKER_QUEUES="default,light=2", **ONE_CHILD):
        records = all_done(redis_store, 1150)

    early = before_the_last(records, of=Priority.HIGH)
    low = sum(record.priority is Priority.LOW and record.queue == "default" for record in early)
    assert low >= 25  # about 1000 / 16, less what the first small claims cost
    light = [n for n, record in enumerate(early) if record.queue == "light"]
    assert len(light) == 50
    assert light[-1] < 400


def test_in_strict_order_nothing_lower_starts_while_a_higher_one_waits(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore
) -> None:
    submit(redis_store, 20, Priority.HIGH, queue="light")
    submit(redis_store, 20, Priority.LOW)
    submit(redis_store, 200, Priority.HIGH)
    strict = {"HEAVYLIFT_WORKER_QUEUE_ORDER": "strict", "HEAVYLIFT_WORKER_PRIORITY_ORDER": "strict"}

    with WorkerProcess(redis_server.url, namespace, HEAVYLIFT_WORKER_QUEUES="default,light=9", **strict, **ONE_CHILD):
        records = all_done(redis_store, 240)

    assert {record.priority for record in before_the_last(records, of=Priority.HIGH)} == {Priority.HIGH}
    assert {record.queue for record in before_the_last(records, of=Priority.LOW)} == {"default"}
