"""A worker that slept longer than its lease wakes up: what it still runs is somebody else's, and is stopped."""

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor
from heavylift.state import State
from heavylift.store.calls import Cancel, HandOn
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.following import ended, record_of, running, submit
from tests.support.worker import WorkerProcess, children_of

CHILDREN = 5
SETTINGS = {
    "HEAVYLIFT_WORKER_TASKS": "tests.support.context_tasks,tests.support.sample_tasks",
    "HEAVYLIFT_WORKER_CONCURRENCY": "3",
    "HEAVYLIFT_WORKER_THREAD_CHILDREN": "1",
    "HEAVYLIFT_WORKER_LEASE": "1",
    "HEAVYLIFT_WORKER_CANCEL_GRACE": "1",
    "HEAVYLIFT_WORKER_GRACE": "0",
}

#: One task for each kind of child and each way of listening.
RUNS = {
    "a function in a process": ("context.patient", Executor.PROCESS),
    "a coroutine in a process": ("context.wait", Executor.PROCESS),
    "a deaf function in a process": ("context.deaf", Executor.PROCESS),
    "a function in a thread": ("context.patient", Executor.THREADS),
    "a coroutine on a loop": ("context.wait", Executor.ASYNCIO),
}


@dataclass(frozen=True)
class Scene:
    """A worker that has slept and woken up. ``ids`` and ``marks`` of its tasks are by the names of RUNS."""

    worker: WorkerProcess
    before: tuple[int, ...]
    ids: dict[str, str]
    marks: dict[str, Path]


@contextmanager
def asleep(worker: WorkerProcess) -> Iterator[None]:
    """The whole worker does nothing, as when its machine is suspended."""
    pids = [worker.process.pid, *children_of(worker.process.pid), *worker.children()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def namespace() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def scene(redis_server: EmbeddedRedis, namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """All tasks run, the worker sleeps until a successor has each of them in hand, and wakes up."""
    folder = tmp_path_factory.mktemp("lost")
    with (
        RedisStore.from_url(redis_server.url, namespace=namespace) as store,
        WorkerProcess(redis_server.url, namespace, **SETTINGS) as worker,
    ):
        before = eventually(worker.children, holds=lambda seen: len(seen) == CHILDREN, claim="all children")
        ids, marks = {}, {}
        for number, (name, (kind, executor)) in enumerate(RUNS.items()):
            ids[name] = submit(store, kind, {"path": str(folder / str(number))}, executor)
            (marks[name],) = eventually(lambda of=number: list(folder.glob(f"{of}.*.running")), claim=f"the start of {name}")
        with asleep(worker), WorkerProcess(redis_server.url, namespace, **SETTINGS):
            for id_ in ids.values():
                eventually(
                    lambda of=id_: record_of(store, of), holds=lambda seen: seen.fence == 2, within=20, claim="a successor"
                )
        yield Scene(worker, tuple(before), ids, marks)


@pytest.mark.parametrize("name", [name for name in RUNS if "deaf" not in name])
def test_what_was_lost_hears_of_it_and_stops(scene: Scene, name: str) -> None:
    saw = scene.marks[name].with_suffix(".saw")

    eventually(saw.exists, within=5, claim="that the stale run hears of it")

    assert saw.read_text() == "lost"


def test_a_stale_function_that_does_not_listen_is_ended_with_its_process_and_nothing_else_is(scene: Scene) -> None:
    stale = int(scene.marks["a deaf function in a process"].name.split(".")[1])

    eventually(lambda: stale not in scene.worker.children(), within=6, claim="the end of the stale process")

    children = eventually(scene.worker.children, holds=lambda seen: len(seen) == CHILDREN, claim="its replacement")
    assert set(scene.before) - set(children) == {stale}


def test_nothing_of_a_stale_run_is_committed_or_counted(scene: Scene, redis_server: EmbeddedRedis, namespace: str) -> None:
    refused = "another worker holds the task by now"
    eventually(
        lambda: scene.worker.log().count(refused), holds=lambda seen: seen == len(RUNS) - 1, claim="the refusal of each end"
    )

    with RedisStore.from_url(redis_server.url, namespace=namespace) as store:
        records = [record_of(store, id_) for id_ in scene.ids.values()]
    assert [record for record in records if record.ended] == []
    assert {record.deaths for record in records} == {1}  # the end of the lease, and not the end of a stale process


def test_the_loss_is_told(scene: Scene) -> None:
    told = scene.worker.log().count('"lease.ended"')
    assert 1 <= told <= CHILDREN  # a child may find out by itself, and have a lease again before its guardian asks
    assert f"task_worker_leases_ended_total {told}.0" in scene.worker.metrics()
    assert "child.lost" not in scene.worker.log()


def test_a_task_that_was_handed_on_behind_the_workers_back_is_stopped_and_run_anew(
    redis_server: EmbeddedRedis, tmp_path: Path
) -> None:
    """As when Redis was away for so long that the lease of a worker which never slept was over."""
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    settings = SETTINGS | {"HEAVYLIFT_WORKER_CONCURRENCY": "0", "HEAVYLIFT_WORKER_ASYNCIO_CHILDREN": "0"}
    with (
        RedisStore.from_url(redis_server.url, namespace=namespace) as store,
        WorkerProcess(redis_server.url, namespace, **settings),
    ):
        task_id = submit(store, "context.patient", {"path": str(tmp_path / "task")}, Executor.THREADS)
        consumer = running(store, task_id).worker
        assert consumer is not None
        eventually(lambda: list(tmp_path.glob("task.*.running")), claim="the task's start")

        store.run(HandOn(consumer, "its lease ended", blame=False, max_deaths=3))

        (saw,) = eventually(lambda: list(tmp_path.glob("task.*.saw")), within=5, claim="that the stale run hears of it")
        assert saw.read_text() == "lost"
        again = eventually(lambda: record_of(store, task_id), holds=lambda seen: seen.fence == 2, claim="the next run")
        assert (again.worker, again.state) == (
            consumer,
            State.RUNNING,
        )  # in the same child, where nobody takes it for the stale one
        assert ended(store, submit(store, "sample.add", {"a": 1, "b": 1}, Executor.THREADS)).result == 2


def test_a_task_whose_claim_a_failover_took_back_runs_again_under_the_same_fence_and_is_not_called_off(
    redis_server: EmbeddedRedis, tmp_path: Path
) -> None:
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    one_child = {"HEAVYLIFT_WORKER_CONCURRENCY": "0", "HEAVYLIFT_WORKER_ASYNCIO_CHILDREN": "0"}
    settings = SETTINGS | one_child | {"HEAVYLIFT_WORKER_LEASE": "4"}  # longer than it sleeps: its lease does not end, too
    with (
        RedisStore.from_url(redis_server.url, namespace=namespace) as store,
        WorkerProcess(redis_server.url, namespace, **settings) as worker,
    ):
        task_id = submit(store, "context.patient", {"path": str(tmp_path / "task")}, Executor.THREADS)
        consumer = running(store, task_id).worker
        assert consumer is not None
        eventually(lambda: list(tmp_path.glob("task.*.running")), claim="the task's start")

        with asleep(worker):  # Given a primary that has not heard of the claim
            store.run(HandOn(consumer, "its claim was taken back", blame=False, max_deaths=3))
            with redis.Redis.from_url(redis_server.url) as client:
                client.hset(f"{store.partition}:task:{task_id}", "fence", 0)

        # When the stale run has heard that it is one, and given way
        eventually(lambda: list(tmp_path.glob("task.*.saw")), within=10, claim="that the stale run hears of it")
        eventually(lambda: "another worker holds the task by now" in worker.log(), claim="the end of the stale run")

        # Then the next one runs on, under a fence that was given out again
        again = running(store, task_id)
        assert (again.fence, again.cancel_requested) == (1, False)
        store.run(Cancel(task_id))
        assert ended(store, task_id).state is State.CANCELLED
