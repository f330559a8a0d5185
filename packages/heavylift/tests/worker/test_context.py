"""What running tasks say and hear through their context, with real workers and a real Redis."""

import os
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor
from heavylift.state import State
from heavylift.store.calls import Cancel
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.following import ended, record_of, running, submit
from tests.support.worker import WorkerProcess

SETTINGS = {
    "HEAVYLIFT_WORKER_TASKS": "tests.support.context_tasks",
    "HEAVYLIFT_WORKER_CONCURRENCY": "1",
    "HEAVYLIFT_WORKER_THREAD_CHILDREN": "1",
    "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "debug",
}


@pytest.fixture(scope="module")
def namespace() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module", autouse=True)
def worker(redis_server: EmbeddedRedis, namespace: str) -> Iterator[WorkerProcess]:
    with WorkerProcess(redis_server.url, namespace, **SETTINGS) as running_worker:
        yield running_worker


@pytest.mark.parametrize("executor", Executor)
def test_a_task_knows_what_it_is(redis_store: RedisStore, executor: Executor) -> None:
    task_id = submit(redis_store, "context.without_payload", executor=executor, max_attempts=4)

    assert ended(redis_store, task_id).result == [task_id, "context.without_payload", "default", 1, 4, None]


def test_a_task_knows_how_long_it_may_run(redis_store: RedisStore) -> None:
    assert 29 < ended(redis_store, submit(redis_store, "context.limited")).result <= 30


@pytest.mark.parametrize("executor", Executor)
def test_the_last_progress_is_in_the_record_however_quickly_the_task_ended(
    redis_store: RedisStore, tmp_path: Path, executor: Executor
) -> None:
    task_id = submit(redis_store, "context.count", {"path": str(tmp_path / "task"), "rows": 1000}, executor)

    record = ended(redis_store, task_id)

    assert (record.state, record.progress) == (State.SUCCEEDED, {"done": 1000, "total": 1000, "message": "row 1000"})


def test_a_task_that_says_how_far_it_is_a_million_times_is_hardly_slower_and_tells_a_few_times_a_second(
    redis_store: RedisStore, worker: WorkerProcess, tmp_path: Path
) -> None:
    record = ended(
        redis_store, submit(redis_store, "context.count", {"path": str(tmp_path / "task"), "rows": 1_000_000}), within=60
    )

    assert record.progress["done"] == 1_000_000
    assert record.ended_at is not None
    assert record.started_at is not None
    seconds = (record.ended_at - record.started_at).total_seconds()
    told = [line for line in worker.log().splitlines() if '"task.progressed"' in line and record.id in line]
    assert 1 <= len(told) <= seconds / 0.25 + 1
    assert seconds < 20  # 1 to 2 µs each on an idle core


def test_progress_is_seen_while_the_task_runs(redis_store: RedisStore, tmp_path: Path) -> None:
    task_id = submit(redis_store, "context.creep", {"path": str(tmp_path / "task")}, Executor.ASYNCIO)

    seen = eventually(lambda: record_of(redis_store, task_id), holds=lambda seen: seen.progress is not None, claim="its progress")

    assert (seen.state, seen.progress) == (State.RUNNING, {"done": 1, "total": 100, "message": None})
    redis_store.run(Cancel(task_id))
    assert ended(redis_store, task_id).state is State.CANCELLED


def test_each_run_goes_on_where_the_last_one_left_off_after_a_death_and_after_a_failure(
    redis_store: RedisStore, tmp_path: Path
) -> None:
    path = tmp_path / "starts"

    record = ended(redis_store, submit(redis_store, "context.resume", {"path": str(path)}, max_attempts=3))

    assert path.read_text().split() == ["0", "7", "14"]
    assert (record.state, record.result, record.attempt, record.fence, record.deaths) == (State.SUCCEEDED, 14, 2, 3, 1)


def test_a_coroutine_goes_on_where_the_last_attempt_left_off(redis_store: RedisStore) -> None:
    record = ended(redis_store, submit(redis_store, "context.resume_async", executor=Executor.ASYNCIO, max_attempts=2))

    assert (record.result, record.attempt) == (["half", "way"], 2)


def test_an_effect_that_is_done_is_not_done_again_after_a_death_and_after_a_failure(
    redis_store: RedisStore, tmp_path: Path
) -> None:
    path = tmp_path / "task"

    record = ended(redis_store, submit(redis_store, "context.mail", {"path": str(path)}, max_attempts=3))

    assert (path.with_suffix(".mail").read_text(), path.with_suffix(".bill").read_text()) == (".", ".")
    assert record.result == [["mail", "sent"], ["bill", "sent"], ["mail", "sent"]]
    assert (record.attempt, record.fence, record.deaths) == (2, 3, 1)


def test_an_effect_that_is_awaited_is_not_done_again(redis_store: RedisStore, tmp_path: Path) -> None:
    path = tmp_path / "task"
    task_id = submit(redis_store, "context.mail_async", {"path": str(path)}, Executor.ASYNCIO, max_attempts=3)

    assert ended(redis_store, task_id).result == ["mail", "sent"]
    assert path.with_suffix(".mail").read_text() == "."


def test_a_checkpoint_that_is_too_large_fails_the_task_and_names_the_sizes(redis_store: RedisStore) -> None:
    record = ended(redis_store, submit(redis_store, "context.too_much", max_attempts=3))

    assert (record.state, record.attempt, record.error["type"]) == (State.FAILED, 1, "CheckpointInvalid")
    assert "70,002 bytes of JSON; 65,536 are allowed" in record.error["message"]


def test_a_thread_of_the_task_may_use_its_context(redis_store: RedisStore) -> None:
    assert ended(redis_store, submit(redis_store, "context.in_a_thread")).result == ["and back"]


def test_a_checkpoint_waits_for_a_redis_that_is_away(tmp_path: Path) -> None:
    with (
        EmbeddedRedis() as server,
        RedisStore.from_url(server.url, timeout=30) as store,
        WorkerProcess(server.url, "heavylift", **SETTINGS),
    ):
        path = tmp_path / "task"
        task_id = submit(store, "context.slow_steps", {"path": str(path)})
        running(store, task_id)
        eventually(path.exists, claim="the first step")

        os.kill(server.pid, signal.SIGSTOP)
        try:
            time.sleep(1)  # the pause is the fault itself
        finally:
            os.kill(server.pid, signal.SIGCONT)

        assert ended(store, task_id).result == 20
