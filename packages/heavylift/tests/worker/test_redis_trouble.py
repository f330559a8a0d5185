"""Whatever befalls Redis: the worker stays, what it runs goes on, its outcome arrives, and it soon claims again."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Durability, Record, Submission
from heavylift.state import State
from heavylift.store.calls import Read, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.redis_node import Node
from tests.support.watched_redis import WatchedRedis
from tests.support.worker import WorkerProcess

#: Seconds. A quarter of one is what it takes on a machine with nothing else to do, and this is for one that is overrun.
SOON = 3.0

MEMORY = Durability.MEMORY

Trouble = Callable[[Any], AbstractContextManager[None]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(directory=tmp_path / "redis") as server:
        yield server


@contextmanager
def restarted(server: EmbeddedRedis) -> Iterator[None]:
    server.stop()
    yield
    server.start()


@contextmanager
def hanging(server: EmbeddedRedis) -> Iterator[None]:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


@contextmanager
def dropping(server: EmbeddedRedis) -> Iterator[None]:
    with redis.Redis.from_url(server.url) as client:
        for kind in ("normal", "pubsub"):
            client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
    yield


@contextmanager
def killed_primary(redis_: WatchedRedis) -> Iterator[None]:
    redis_.kill_primary()
    yield
    redis_.primary()


@contextmanager
def hanging_primary(redis_: WatchedRedis) -> Iterator[None]:
    with redis_.hanging_primary():
        yield
        redis_.primary()


@contextmanager
def planned_failover(redis_: WatchedRedis) -> Iterator[None]:
    redis_.fail_over()
    yield


def submit(store: RedisStore, kind: str, payload: Any = None, *, durability: Durability = MEMORY, **more: Any) -> str:
    task = Submission(kind=kind, payload=json.dumps(payload if payload is not None else {}), **more)
    eventually(lambda: _try(lambda: store.run(Submit((task,), durability))), within=20, claim="a submit")
    return task.id


def _try(ask: Callable[[], Any]) -> Any:
    with suppress(StoreUnavailable, StoreRefused):
        return ask()


def ended(store: RedisStore, task_id: str, *, within: float = 20.0) -> Record:
    record = eventually(
        lambda: _try(lambda: store.run(Read(task_id))), holds=lambda seen: seen is not None and seen.ended, within=within
    )
    assert isinstance(record, Record)
    return record


def _live_through(
    trouble: AbstractContextManager[None], worker: WorkerProcess, store: RedisStore, gate: Path, durability: Durability = MEMORY
) -> None:
    """A task ends in the trouble and one is due in it; after it both are done, and another is soon claimed."""
    running = submit(store, "sample.gate", {"path": str(gate)}, durability=durability)
    eventually(lambda: list(gate.parent.glob(f"{gate.name}.*.running")), claim="a running task")
    children, due = worker.children(), submit(store, "sample.ping", delay=0.3, durability=durability)

    with trouble:
        gate.with_suffix(".open").touch()
        time.sleep(1)  # the task ends, and the other is due
    after = submit(store, "sample.ping", durability=durability)

    prompt = ended(store, after)
    assert prompt.started_at is not None
    assert (prompt.started_at - prompt.submitted_at).total_seconds() < SOON
    late = ended(store, due)
    assert late.state is State.SUCCEEDED
    assert late.queued_at is not None
    assert (late.queued_at - prompt.submitted_at).total_seconds() < SOON
    assert (ended(store, running).state, ended(store, running).result) == (State.SUCCEEDED, "through")
    assert worker.process.poll() is None
    assert worker.children() == children, "nobody had to be replaced"


@pytest.mark.parametrize("trouble", [restarted, hanging, dropping])
def test_what_runs_goes_on_and_its_outcome_arrives(
    server: EmbeddedRedis, namespace: str, tmp_path: Path, trouble: Trouble
) -> None:
    with RedisStore.from_url(server.url, namespace=namespace) as store, WorkerProcess(server.url, namespace) as worker:
        _live_through(trouble(server), worker, store, tmp_path / "gate")


@pytest.mark.parametrize("trouble", [killed_primary, hanging_primary, planned_failover])
def test_what_runs_goes_on_through_a_failover(namespace: str, tmp_path: Path, trouble: Trouble) -> None:
    with (
        WatchedRedis(replicas_to_write=1) as redis_,
        RedisStore.from_url(redis_.url, namespace=namespace) as store,
        WorkerProcess(redis_.url, namespace, HEAVYLIFT_WORKER_LEASE="15") as worker,
    ):
        _live_through(trouble(redis_), worker, store, tmp_path / "gate", Durability.REPLICA)


def test_an_end_that_a_failover_took_back_comes_about_again(namespace: str, tmp_path: Path) -> None:
    """A child whose connection was quietly made anew while it ran a task hears of no trouble at all."""
    first, second = tmp_path / "first", tmp_path / "second"
    settings = {"HEAVYLIFT_WORKER_LEASE": "60", "HEAVYLIFT_WORKER_CONCURRENCY": "1", "HEAVYLIFT_WORKER_ASYNCIO_CHILDREN": "0"}
    with (
        WatchedRedis() as redis_,
        RedisStore.from_url(redis_.url, namespace=namespace) as store,
        WorkerProcess(redis_.url, namespace, **settings) as worker,
    ):
        # Given a task that ended, and another that runs, of which no replica has heard
        ids = [submit(store, "sample.gate", {"path": str(path)}, durability=Durability.REPLICA) for path in (first, second)]
        eventually(lambda: list(tmp_path.glob("first.*.running")), claim="the first task")
        replicas = [node for node in redis_.servers if node is not redis_.primary()]
        eventually(lambda: all(_caught_up(node, store, ids[0]) for node in replicas), claim="replicas that know of it")
        for node in replicas:
            node.says("REPLICAOF", "127.0.0.1", "1")
        first.with_suffix(".open").touch()
        eventually(lambda: list(tmp_path.glob("second.*.running")), claim="the second task")
        assert ended(store, ids[0]).fence == 1

        # When one of those replicas becomes the primary while the child runs the second
        redis_.kill_primary()
        eventually(
            lambda: _try(lambda: store.run(Read(ids[0]))), holds=lambda seen: seen is not None and not seen.ended, within=20
        )
        second.with_suffix(".open").touch()

        # Then the end that was taken back comes about again, long before any lease is over
        assert [ended(store, id_).state for id_ in ids] == [State.SUCCEEDED] * 2
        assert worker.process.poll() is None


def _caught_up(node: Node, store: RedisStore, task_id: str) -> bool:
    return node.says("HGET", f"{store.partition}:task:{task_id}", "state") == "running"


def test_with_a_full_redis_the_backlog_ends_and_nothing_new_comes(server: EmbeddedRedis, namespace: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with RedisStore.from_url(server.url, namespace=namespace) as store, WorkerProcess(server.url, namespace) as worker:
        held = [submit(store, "sample.gate", {"path": str(gate)}) for _ in range(2)]
        eventually(lambda: list(tmp_path.glob("gate.*.running")), holds=lambda seen: len(seen) == 2, claim="running tasks")
        waiting = [submit(store, "sample.ping") for _ in range(5)] + [submit(store, "sample.ping", delay=0.1)]
        store._client.config_set("maxmemory", "100kb")

        gate.with_suffix(".open").touch()

        assert {ended(store, task).state for task in (*held, *waiting)} == {State.SUCCEEDED}
        with pytest.raises(StoreRefused, match="full"):
            store.run(Submit((Submission(kind="sample.ping", payload="{}"),)))
        assert worker.probe("/readyz") == 200


@pytest.mark.parametrize("busy", [False, True])
def test_a_silent_redis_does_not_keep_a_worker_from_leaving(
    server: EmbeddedRedis, namespace: str, tmp_path: Path, busy: bool
) -> None:
    with (
        RedisStore.from_url(server.url, namespace=namespace) as store,
        WorkerProcess(server.url, namespace, HEAVYLIFT_WORKER_GRACE="3") as worker,
    ):
        if busy:
            submit(store, "sample.gate", {"path": str(tmp_path / "gate")})
            eventually(lambda: list(tmp_path.glob("gate.*.running")), claim="a running task")
        with hanging(server):
            began = time.monotonic()
            assert worker.terminate(within=30) == 0
            assert time.monotonic() - began < 3 + 2 + SOON
