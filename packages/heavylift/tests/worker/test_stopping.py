"""How a worker ends: what runs has its time, and then nothing is waited for."""

import json
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Record, Submission
from heavylift.state import State
from heavylift.store.calls import Read, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

PROMISED = 2.0  # seconds between the end of the last task and that of the worker


class Scene:
    """A worker with a grace that no test can wait for, and two tasks that run until the gate is opened."""

    def __init__(self, worker: WorkerProcess, store: RedisStore, folder: Path) -> None:
        self.worker = worker
        self._store = store
        self._gate = folder / "gate"
        self._ids: list[str] = []

    def begin(self) -> None:
        tasks = tuple(Submission(kind="sample.gate", payload=json.dumps({"path": str(self._gate)})) for _ in range(2))
        self._ids = [accepted.id for accepted in self._store.run(Submit(tasks))]
        eventually(lambda: len(list(self._gate.parent.glob("gate.*.running"))) == 2, claim="both tasks running")

    def open_the_gate(self) -> float:
        """Let the tasks end; the moment at which they may."""
        self._gate.with_suffix(".open").touch()
        return time.monotonic()

    def send(self, number: signal.Signals) -> float:
        """The moment of the signal."""
        self.worker.process.send_signal(number)
        return time.monotonic()

    def seconds_to_the_end(self, since: float) -> float:
        self.worker.process.wait(timeout=20)
        return time.monotonic() - since

    def records(self) -> list[Record]:
        found = [self._store.run(Read(task_id)) for task_id in self._ids]
        assert None not in found
        return [record for record in found if record is not None]


@contextmanager
def scene(redis_server: EmbeddedRedis, folder: Path, **settings: str) -> Iterator[Scene]:
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    with (
        RedisStore.from_url(redis_server.url, namespace=namespace) as store,
        WorkerProcess(redis_server.url, namespace, **{"HEAVYLIFT_WORKER_GRACE": "600", **settings}) as worker,
    ):
        yield Scene(worker, store, folder)


def test_a_worker_is_gone_soon_after_its_last_task(redis_server: EmbeddedRedis, tmp_path: Path) -> None:
    with scene(redis_server, tmp_path) as seen:
        seen.begin()
        seen.send(signal.SIGTERM)
        eventually(lambda: seen.worker.probe("/readyz") == 503, claim="the worker says that it is stopping")

        took = seen.seconds_to_the_end(seen.open_the_gate())

        assert seen.worker.process.returncode == 0
        assert {(record.state, record.fence) for record in seen.records()} == {(State.SUCCEEDED, 1)}
    assert took < PROMISED


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
def test_a_second_request_to_stop_changes_nothing(redis_server: EmbeddedRedis, tmp_path: Path, again: signal.Signals) -> None:
    with scene(redis_server, tmp_path) as seen:
        seen.begin()
        seen.send(signal.SIGTERM)
        eventually(lambda: seen.worker.probe("/readyz") == 503, claim="the worker says that it is stopping")
        seen.send(again)

        took = seen.seconds_to_the_end(seen.open_the_gate())

        assert {(record.state, record.fence) for record in seen.records()} == {(State.SUCCEEDED, 1)}
    assert took < PROMISED


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGQUIT,),
        (signal.SIGTERM, signal.SIGQUIT),
        (signal.SIGINT, signal.SIGINT),
    ],
)
def test_who_cannot_wait_gets_the_tasks_back_at_once(
    redis_server: EmbeddedRedis, tmp_path: Path, signals: tuple[signal.Signals, ...]
) -> None:
    with scene(redis_server, tmp_path) as seen:
        seen.begin()
        for number in signals[:-1]:
            seen.send(number)
            eventually(lambda: seen.worker.probe("/readyz") == 503, claim="the worker says that it is stopping")

        took = seen.seconds_to_the_end(seen.send(signals[-1]))

        assert {(record.state, record.deaths) for record in seen.records()} == {(State.QUEUED, 0)}
    assert took < PROMISED
