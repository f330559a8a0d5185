"""Several kinds of children in one worker, and tasks that run side by side."""

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Record, Submission
from heavylift.settings import WorkerSettings
from heavylift.state import State
from heavylift.store.calls import Read, Statistics, Submit
from heavylift.store.redis import RedisStore
from heavylift.worker.seating import Seating
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

ALL_KINDS = {"HEAVYLIFT_WORKER_THREAD_CHILDREN": "1", "HEAVYLIFT_WORKER_THREADS": "8"}


@pytest.fixture(scope="module")
def namespace() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def lasting_worker(redis_server: EmbeddedRedis, namespace: str) -> Iterator[WorkerProcess]:
    """Two children of kind ``process``, one of ``threads``, one of ``asyncio``."""
    with WorkerProcess(redis_server.url, namespace, **ALL_KINDS) as running:
        yield running


@pytest.fixture
def worker(lasting_worker: WorkerProcess) -> WorkerProcess:
    eventually(lambda: len(lasting_worker.children()) == 4, claim="four children")
    return lasting_worker


def submit(store: RedisStore, kind: str, payload: Any, executor: Executor, *, count: int = 1, **more: Any) -> list[str]:
    tasks = tuple(Submission(kind=kind, payload=json.dumps(payload), executor=executor, **more) for _ in range(count))
    return [accepted.id for accepted in store.run(Submit(tasks))]


def ended(store: RedisStore, task_id: str, *, within: float = 15.0) -> Record:
    record = eventually(
        lambda: store.run(Read(task_id)),
        holds=lambda seen: seen is not None and seen.ended,
        within=within,
        claim="the task's end",
    )
    assert record is not None
    return record


def test_each_task_runs_in_the_kind_of_child_that_it_wants(worker: WorkerProcess, redis_store: RedisStore) -> None:
    results = {}
    for kind, payload, executor in (
        ("sample.where", {}, Executor.PROCESS),
        ("sample.where_in_threads", {"seconds": 0}, Executor.THREADS),
        ("sample.where_async", {}, Executor.ASYNCIO),
    ):
        (task_id,) = submit(redis_store, kind, payload, executor)
        results[executor] = ended(redis_store, task_id).result

    pids = [pid for pid, _ in results.values()]
    assert len(set(pids)) == 3
    assert set(pids) <= set(worker.children())
    assert results[Executor.PROCESS][1] == "MainThread"
    assert results[Executor.THREADS][1].startswith("heavylift-task")
    assert results[Executor.ASYNCIO][1] == "MainThread"


def test_a_thousand_coroutines_wait_side_by_side_in_one_child(worker: WorkerProcess, redis_store: RedisStore) -> None:
    ids = submit(redis_store, "sample.wait_async", {"seconds": 1.0}, Executor.ASYNCIO, count=1000)
    started = time.monotonic()

    records = [ended(redis_store, task_id) for task_id in ids]

    assert {record.state for record in records} == {State.SUCCEEDED}
    assert {record.fence for record in records} == {1}
    assert len({record.worker for record in records}) == 1
    assert time.monotonic() - started < 10  # one after another they would take 1000 s


def test_threads_wait_side_by_side(worker: WorkerProcess, redis_store: RedisStore) -> None:
    ids = submit(redis_store, "sample.where_in_threads", {"seconds": 0.5}, Executor.THREADS, count=8)
    started = time.monotonic()

    threads = {ended(redis_store, task_id).result[1] for task_id in ids}

    assert len(threads) == 8
    assert time.monotonic() - started < 3  # one after another they would take 4 s


def test_coroutines_in_threads_wait_side_by_side_on_a_loop_for_each(worker: WorkerProcess, redis_store: RedisStore) -> None:
    ids = submit(redis_store, "sample.wait_async", {"seconds": 0.5}, Executor.THREADS, count=8)
    started = time.monotonic()

    assert {ended(redis_store, task_id).state for task_id in ids} == {State.SUCCEEDED}
    assert time.monotonic() - started < 3


def test_a_coroutine_that_raises_ends_failed_with_a_readable_error(worker: WorkerProcess, redis_store: RedisStore) -> None:
    (task_id,) = submit(redis_store, "sample.fail_async", {}, Executor.ASYNCIO)

    record = ended(redis_store, task_id)

    assert (record.state, record.error["type"], record.error["message"]) == (
        State.FAILED,
        "ValueError",
        "the coroutine is broken",
    )
    assert "sample_tasks.py" in record.error["traceback"]


@pytest.mark.parametrize(("kind", "error"), [("sample.cancelled_inside", "CancelledError"), ("sample.exit_async", "SystemExit")])
def test_whatever_a_coroutine_ends_with_is_recorded_and_the_child_goes_on(
    worker: WorkerProcess, redis_store: RedisStore, kind: str, error: str
) -> None:
    before = worker.children()
    (task_id,) = submit(redis_store, kind, {}, Executor.ASYNCIO)

    record = ended(redis_store, task_id)

    assert (record.state, record.error["type"]) == (State.FAILED, error)
    assert worker.children() == before


def test_a_coroutine_is_tried_again(worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path) -> None:
    payload = {"path": str(tmp_path / "calls"), "times": 3}
    (task_id,) = submit(redis_store, "sample.flaky_async", payload, Executor.ASYNCIO, max_attempts=3)

    record = ended(redis_store, task_id)

    assert (record.state, record.result, record.attempt) == (State.SUCCEEDED, 3, 3)


def test_a_payload_that_does_not_fit_a_coroutine_is_named(worker: WorkerProcess, redis_store: RedisStore) -> None:
    (task_id,) = submit(redis_store, "sample.wait_async", {"seconds": "long"}, Executor.ASYNCIO)

    assert ended(redis_store, task_id).error["type"] == "PayloadInvalid"


def test_what_ran_beside_a_task_that_killed_its_child_is_not_blamed(
    worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path
) -> None:
    beside = submit(redis_store, "sample.wait_async", {"seconds": 1.0}, Executor.ASYNCIO, count=6)
    eventually(lambda: running(redis_store), holds=lambda seen: seen >= 6, claim="six tasks running")

    (killer,) = submit(redis_store, "sample.die_async_once", {"path": str(tmp_path / "deaths")}, Executor.ASYNCIO)

    assert ended(redis_store, killer).state is State.SUCCEEDED
    records = [ended(redis_store, task_id, within=30) for task_id in beside]
    assert {(record.state, record.deaths) for record in records} == {(State.SUCCEEDED, 0)}


def running(store: RedisStore) -> int:
    return sum(queue.running for queue in store.run(Statistics()).queues)


def test_a_stopping_worker_lets_what_runs_side_by_side_finish(redis_server: EmbeddedRedis) -> None:
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    with (
        RedisStore.from_url(redis_server.url, namespace=namespace) as store,
        WorkerProcess(redis_server.url, namespace, **ALL_KINDS) as worker,
    ):
        ids = submit(store, "sample.wait_async", {"seconds": 1.0}, Executor.ASYNCIO, count=50)
        ids += submit(store, "sample.where_in_threads", {"seconds": 1.0}, Executor.THREADS, count=8)
        eventually(lambda: worker.log().count('"task.started"'), holds=lambda seen: seen == 58, claim="all tasks started")

        assert worker.terminate(within=10) == 0

        records = [store.run(Read(task_id)) for task_id in ids]
    assert {(record.state, record.fence) for record in records if record} == {(State.SUCCEEDED, 1)}


def test_every_line_is_served_whatever_kinds_of_children_there_are() -> None:
    settings = WorkerSettings(thread_children=0, asyncio_children=1)

    seating = Seating.of(settings, processes=2)

    assert list(seating) == [Executor.PROCESS, Executor.PROCESS, Executor.ASYNCIO]
    assert seating.lines_of(Executor.PROCESS) == (Executor.PROCESS, Executor.THREADS)
    assert seating.lines_of(Executor.ASYNCIO) == (Executor.ASYNCIO,)
    assert Seating.of(settings, processes=0).lines_of(Executor.ASYNCIO) == (
        Executor.ASYNCIO,
        Executor.PROCESS,
        Executor.THREADS,
    )
