"""A task that takes too long is told so, and ended when it does not listen."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heavylift.errors import TaskTimeout
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Record, Submission
from heavylift.state import State
from heavylift.store.calls import Read, Submit
from heavylift.store.redis import RedisStore
from heavylift.worker.limits import PATIENCE, Limit, alarm, thread_alarm
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

SOON = Limit(0.1, None, lambda _: TaskTimeout())


@pytest.fixture(scope="module")
def namespace() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module", autouse=True)
def worker(redis_server: EmbeddedRedis, namespace: str) -> Iterator[WorkerProcess]:
    settings = {"HEAVYLIFT_WORKER_CONCURRENCY": "1", "HEAVYLIFT_WORKER_THREAD_CHILDREN": "1"}
    with WorkerProcess(redis_server.url, namespace, **settings) as running:
        yield running


def run(store: RedisStore, kind: str, payload: Any, *, executor: Executor = Executor.PROCESS, **more: Any) -> Record:
    submission = Submission(kind=kind, payload=json.dumps(payload), executor=executor, **more)
    store.run(Submit((submission,)))
    record = eventually(
        lambda: store.run(Read(submission.id)), holds=lambda seen: seen is not None and seen.ended, within=30, claim="the end"
    )
    assert record is not None
    return record


def seconds_of(record: Record) -> float:
    assert record.ended_at is not None
    assert record.started_at is not None
    return (record.ended_at - record.started_at).total_seconds()


@pytest.mark.parametrize(
    ("kind", "executor"),
    [
        ("sample.too_long", Executor.PROCESS),
        ("sample.too_long_async", Executor.ASYNCIO),
        ("sample.too_long_in_threads", Executor.THREADS),
    ],
)
def test_a_task_that_takes_too_long_is_ended_by_an_exception(redis_store: RedisStore, kind: str, executor: Executor) -> None:
    record = run(redis_store, kind, {"seconds": 20}, executor=executor)

    assert (record.state, record.error["type"], record.deaths) == (State.FAILED, "TaskTimeout", 0)
    assert seconds_of(record) < 2


def test_a_task_that_ends_in_time_is_left_alone(redis_store: RedisStore) -> None:
    assert run(redis_store, "sample.too_long", {"seconds": 0}).state is State.SUCCEEDED


def test_a_timeout_is_tried_again_if_the_policy_says_so(redis_store: RedisStore, tmp_path: Path) -> None:
    record = run(redis_store, "sample.too_long_once", {"path": str(tmp_path / "calls")}, max_attempts=3)

    assert (record.state, record.result, record.attempt) == (State.SUCCEEDED, "in time", 2)


def test_nothing_of_a_coroutine_that_timed_out_goes_on_in_the_next_task(redis_store: RedisStore, tmp_path: Path) -> None:
    record = run(redis_store, "sample.late", {"path": str(tmp_path / "late")})

    assert record.error["type"] == "TaskTimeout"
    assert run(redis_store, "sample.wait_async", {"seconds": 1.5}).state is State.SUCCEEDED  # on the same loop: no asyncio line
    assert not (tmp_path / "late").exists()


def test_a_task_that_does_not_listen_is_ended_with_its_child(redis_store: RedisStore, worker: WorkerProcess) -> None:
    before = worker.children()

    record = run(redis_store, "sample.deaf", {"seconds": 60})

    assert (record.state, record.error["type"], record.deaths, record.fence) == (State.FAILED, "TaskTimeout", 0, 1)
    assert "the child that ran it was ended" in record.error["message"]
    assert PATIENCE < seconds_of(record) < PATIENCE + 3
    assert len(set(before) & set(worker.children())) == len(before) - 1
    assert run(redis_store, "sample.add", {"a": 1, "b": 1}).result == 2


def test_an_alarm_that_is_over_does_not_ring_later() -> None:
    with alarm(SOON):
        pass
    with thread_alarm(SOON):
        pass

    time.sleep(0.2)  # what must not happen would happen in this time


def test_an_alarm_rings_in_the_thread_that_set_it() -> None:
    caught: list[type[BaseException]] = []

    def body() -> None:
        try:
            with thread_alarm(SOON):
                for _ in range(300):
                    time.sleep(0.01)
        except TaskTimeout as error:
            caught.append(type(error))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join(2)

    assert caught == [TaskTimeout]
