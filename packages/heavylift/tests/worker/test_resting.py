"""A worker that was told to take nothing more finishes what it runs, and leaves the rest to others."""

import json
import socket
from pathlib import Path

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Submission
from heavylift.state import State
from heavylift.store.calls import Host, Read, ReadHosts, Rest, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

HERE = socket.gethostname()


def _submit(store: RedisStore, kind: str, payload: object, executor: Executor = Executor.PROCESS) -> str:
    submission = Submission(kind=kind, payload=json.dumps(payload), executor=executor)
    store.run(Submit((submission,)))
    return submission.id


def _state(store: RedisStore, id_: str) -> State | None:
    record = store.run(Read(id_))
    return record and record.state


def _host(store: RedisStore) -> Host | None:
    return next(iter(store.run(ReadHosts())), None)


def test_a_worker_that_rests_ends_its_task_takes_no_other_and_goes_on_when_it_may(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore, tmp_path: Path
) -> None:
    gate = {"path": str(tmp_path / "gate")}
    with WorkerProcess(redis_server.url, namespace, HEAVYLIFT_WORKER_CONCURRENCY="2"):
        running = _submit(redis_store, "sample.gate", gate)
        eventually(lambda: _state(redis_store, running), holds=State.RUNNING.__eq__, claim="a task in hand")

        # When it is told to rest, while one child runs something and the others wait for a task
        redis_store.run(Rest((HERE,), 60.0))
        later = [
            _submit(redis_store, "sample.ping", {}),
            _submit(redis_store, "sample.add_async", {"a": 1, "b": 2}, Executor.ASYNCIO),
        ]
        (tmp_path / "gate.open").touch()

        # Then what it runs ends well, and what comes is left to others
        eventually(lambda: _state(redis_store, running), holds=State.SUCCEEDED.__eq__, claim="the end of what ran")
        eventually(lambda: _host(redis_store), holds=lambda host: host == Host(HERE, 3, 0, rests=True), claim="empty hands")
        assert {_state(redis_store, id_) for id_ in later} == {State.QUEUED}

        # And when it may again, it goes on
        redis_store.run(Rest((HERE,), 0.0))
        eventually(lambda: {_state(redis_store, id_) for id_ in later}, holds={State.SUCCEEDED}.__eq__, claim="the others' end")
        assert {record.fence for id_ in later if (record := redis_store.run(Read(id_)))} == {1}
