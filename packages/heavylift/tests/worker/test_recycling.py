"""Children that are replaced, or ended, because of what they have become."""

import json
from pathlib import Path
from typing import Any

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Record, Submission
from heavylift.state import State
from heavylift.store.calls import Read, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


def submit(store: RedisStore, kind: str, payload: Any, executor: Executor = Executor.PROCESS) -> str:
    submission = Submission(kind=kind, payload=json.dumps(payload), executor=executor)
    store.run(Submit((submission,)))
    return submission.id


def ended(store: RedisStore, task_id: str, *, within: float = 20.0) -> Record:
    record = eventually(
        lambda: store.run(Read(task_id)), holds=lambda seen: seen is not None and seen.ended, within=within, claim="the end"
    )
    assert record is not None
    return record


def test_a_task_that_grows_beyond_the_memory_limit_is_ended_and_blamed(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore
) -> None:
    with WorkerProcess(redis_server.url, namespace, HEAVYLIFT_WORKER_MAX_MEMORY_PER_CHILD="200") as worker:
        glutton = submit(redis_store, "sample.eat", {"mebibytes": 400, "seconds": 60})
        modest = submit(redis_store, "sample.eat", {"mebibytes": 40, "seconds": 1})

        record = ended(redis_store, glutton)

        assert (record.state, record.error["type"], record.deaths) == (State.FAILED, "WorkerLost", 3)
        assert "it grew beyond its memory limit of 200 MiB" in record.error["message"]
        assert 'task_worker_process_lost_total{reason="memory_limit"} 3.0' in worker.metrics()
        assert (ended(redis_store, modest).state, ended(redis_store, modest).fence) == (State.SUCCEEDED, 1)


def test_a_child_that_leaks_is_replaced_between_two_tasks(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore
) -> None:
    settings = {"HEAVYLIFT_WORKER_CONCURRENCY": "1", "HEAVYLIFT_WORKER_RECYCLE_ABOVE": "200"}
    with WorkerProcess(redis_server.url, namespace, **settings) as worker:
        leaky = ended(redis_store, submit(redis_store, "sample.leak", {"mebibytes": 200}))
        eventually(lambda: leaky.result not in worker.children(), claim="the end of the child that leaked")
        following = ended(redis_store, submit(redis_store, "sample.leak", {"mebibytes": 1}))

        assert (leaky.state, leaky.fence, following.state) == (State.SUCCEEDED, 1, State.SUCCEEDED)
        assert following.result != leaky.result
        assert "task_worker_process_lost_total{" not in worker.metrics()


def test_an_old_child_is_replaced_and_what_it_runs_ends_in_peace(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore, tmp_path: Path
) -> None:
    settings = {"HEAVYLIFT_WORKER_CONCURRENCY": "1", "HEAVYLIFT_WORKER_RECYCLE_AFTER": "1"}
    gate = {"path": str(tmp_path / "gate")}
    with WorkerProcess(redis_server.url, namespace, **settings) as worker:
        # Given a process and an event loop that are old and at work
        before = worker.children()
        running = submit(redis_store, "sample.gate", gate)
        waiting = submit(redis_store, "sample.gate_async", gate, Executor.ASYNCIO)

        # Then a new event loop stands beside the old one and takes what comes
        eventually(lambda: len(worker.children()) == 3, claim="the successor of the event loop, beside it")
        quick = ended(redis_store, submit(redis_store, "sample.wait_async", {"seconds": 0.0}, Executor.ASYNCIO))
        assert quick.state is State.SUCCEEDED
        assert not Path(f"{gate['path']}.open").exists()

        # And all that ran ends as if nothing had been
        Path(f"{gate['path']}.open").touch()
        for task_id in (running, waiting):
            record = ended(redis_store, task_id)
            assert (record.state, record.fence) == (State.SUCCEEDED, 1)
        eventually(lambda: not set(before) & set(worker.children()), claim="the end of the old children")
        assert "task_worker_process_lost_total{" not in worker.metrics()


@pytest.mark.parametrize(
    ("kind", "payload", "executor"),
    [
        ("sample.where_in_threads", {"seconds": 0.01}, Executor.THREADS),
        ("sample.where_async", {}, Executor.ASYNCIO),
        ("sample.where", {}, Executor.PROCESS),
    ],
)
def test_a_child_begins_exactly_as_many_tasks_as_it_may_run(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore, kind: str, payload: Any, executor: Executor
) -> None:
    settings = {
        "HEAVYLIFT_WORKER_CONCURRENCY": "1",
        "HEAVYLIFT_WORKER_THREAD_CHILDREN": "1",
        "HEAVYLIFT_WORKER_MAX_TASKS_PER_CHILD": "10",
    }
    tasks = tuple(Submission(kind=kind, payload=json.dumps(payload), executor=executor) for _ in range(45))
    redis_store.run(Submit(tasks))

    with WorkerProcess(redis_server.url, namespace, **settings):
        pids = [ended(redis_store, task.id).result[0] for task in tasks]

    assert sorted(pids.count(pid) for pid in set(pids)) == [5, 10, 10, 10, 10]
