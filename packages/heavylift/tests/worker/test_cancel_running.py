"""A running task is called off: what each kind of task and of child makes of it."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Record
from heavylift.state import State
from heavylift.store.calls import Cancel
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.following import ended, record_of, submit
from tests.support.worker import WorkerProcess

GRACE = 1.0

CallOff = Callable[[str, Executor], Record]


@pytest.fixture(scope="module")
def namespace() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module", autouse=True)
def worker(redis_server: EmbeddedRedis, namespace: str) -> Iterator[WorkerProcess]:
    settings = {
        "HEAVYLIFT_WORKER_TASKS": "tests.support.context_tasks,tests.support.sample_tasks",
        "HEAVYLIFT_WORKER_CONCURRENCY": "1",
        "HEAVYLIFT_WORKER_THREAD_CHILDREN": "1",
        "HEAVYLIFT_WORKER_CANCEL_GRACE": str(GRACE),
    }
    with WorkerProcess(redis_server.url, namespace, **settings) as running:
        eventually(lambda: len(running.children()) == 3, claim="a child of each kind")
        yield running


@pytest.fixture
def call_off(redis_store: RedisStore, tmp_path: Path) -> CallOff:
    """Submit a task, call it off once its function runs, and return its record at its end."""

    def call_off(kind: str, executor: Executor) -> Record:
        task_id = submit(redis_store, kind, {"path": str(tmp_path / "task")}, executor, max_attempts=3)
        eventually(lambda: list(tmp_path.glob("task.*.running")), claim="the task's start")
        redis_store.run(Cancel(task_id))
        return ended(redis_store, task_id)

    return call_off


def seconds_of(record: Record) -> float:
    assert record.ended_at is not None
    assert record.started_at is not None
    return (record.ended_at - record.started_at).total_seconds()


@pytest.mark.parametrize("executor", Executor)
def test_a_function_that_looks_at_its_context_gives_way(
    call_off: CallOff, worker: WorkerProcess, tmp_path: Path, executor: Executor
) -> None:
    before = worker.children()

    record = call_off("context.patient", executor)

    assert (record.state, record.error, record.fence) == (State.CANCELLED, None, 1)
    assert [file.read_text() for file in tmp_path.glob("task.*.saw")] == ["cancelled"]
    assert seconds_of(record) < GRACE
    assert worker.children() == before


@pytest.mark.parametrize("executor", Executor)
def test_a_coroutine_is_interrupted_at_once_wherever_it_runs(
    call_off: CallOff, worker: WorkerProcess, tmp_path: Path, executor: Executor
) -> None:
    before = worker.children()

    record = call_off("context.wait", executor)

    assert (record.state, record.error) == (State.CANCELLED, None)
    assert [file.read_text() for file in tmp_path.glob("task.*.saw")] == ["cancelled"]
    assert seconds_of(record) < GRACE
    assert worker.children() == before


@pytest.mark.parametrize("executor", Executor)
def test_a_coroutine_that_swallows_the_interruption_has_succeeded(call_off: CallOff, executor: Executor) -> None:
    record = call_off("context.swallow", executor)

    assert (record.state, record.result, record.cancel_requested) == (State.SUCCEEDED, "swallowed True", True)


@pytest.mark.parametrize("executor", Executor)
def test_a_function_that_finishes_all_the_same_has_succeeded(call_off: CallOff, executor: Executor) -> None:
    record = call_off("context.finish", executor)

    assert (record.state, record.result) == (State.SUCCEEDED, "finished")


@pytest.mark.parametrize(("kind", "message"), [("context.stumble", "stumbled"), ("context.fall", "fell")])
def test_a_failure_after_the_request_ends_the_task_as_cancelled_and_is_kept(
    call_off: CallOff, worker: WorkerProcess, kind: str, message: str
) -> None:
    record = call_off(kind, Executor.PROCESS)

    assert (record.state, record.attempt, record.error["message"]) == (State.CANCELLED, 1, message)
    assert attempts(worker, kind) == {"cancellation": 1.0}


def test_a_function_that_does_not_listen_is_ended_with_its_process_after_the_grace(
    call_off: CallOff, worker: WorkerProcess, redis_store: RedisStore
) -> None:
    before = worker.children()

    record = call_off("context.deaf", Executor.PROCESS)

    assert (record.state, record.deaths, record.fence) == (State.CANCELLED, 0, 1)
    assert GRACE < seconds_of(record) < GRACE + 3
    assert len(set(before) & set(worker.children())) == len(before) - 1
    eventually(lambda: attempts(worker, "context.deaf"), holds=lambda seen: seen == {"cancellation": 1.0}, claim="its attempt")
    assert "workers keep dying" not in worker.log()
    assert ended(redis_store, submit(redis_store, "sample.add", {"a": 1, "b": 1})).result == 2


def test_what_gives_way_without_having_been_asked_has_failed(redis_store: RedisStore) -> None:
    record = ended(redis_store, submit(redis_store, "context.presumes", max_attempts=3))

    assert (record.state, record.attempt, record.error["type"]) == (State.FAILED, 1, "TaskCancelled")


def test_a_thousand_coroutines_are_called_off_together(redis_store: RedisStore, tmp_path: Path) -> None:
    ids = [submit(redis_store, "context.wait", {"path": str(tmp_path / "task")}, Executor.ASYNCIO) for _ in range(1000)]
    eventually(
        lambda: {record_of(redis_store, id_).state for id_ in ids},
        holds=lambda seen: seen == {State.RUNNING},
        within=20,
        claim="all of them running",
    )

    before = time.monotonic()
    for id_ in ids:
        redis_store.run(Cancel(id_))

    assert {ended(redis_store, id_).state for id_ in ids} == {State.CANCELLED}
    assert time.monotonic() - before < 10


def attempts(worker: WorkerProcess, kind: str) -> dict[str, float]:
    """How attempts of a kind ended, by the worker's metrics."""
    lines = [line for line in worker.metrics().splitlines() if line.startswith("task_attempts_total") and f'"{kind}"' in line]
    return {line.split('task_result="')[1].split('"')[0]: float(line.split()[-1]) for line in lines}
