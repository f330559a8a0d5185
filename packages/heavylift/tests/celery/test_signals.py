"""Celery's signals, where people hang connections, clean-up and their own measurements, come as they do with prefork."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded

from heavylift.celery.app import Integration, create_app
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.registry import Registry
from heavylift.settings import StoreSettings, TelemetrySettings, WorkerSettings
from tests.support import sample_tasks
from tests.support.eventually import eventually
from tests.support.sample_signals import FILE_VARIABLE
from tests.support.worker import WorkerProcess


@dataclass(frozen=True)
class Heard:
    name: str
    pid: int
    told: dict[str, Any]


class Notes:
    """What the application has heard so far, in order."""

    def __init__(self, file: Path, worker: WorkerProcess) -> None:
        self._file = file
        self.worker = worker
        self.children: set[int] = set()

    def all(self) -> list[Heard]:
        return [Heard(*json.loads(line)) for line in self._file.read_text().splitlines()] if self._file.exists() else []

    def named(self, *names: str) -> list[Heard]:
        return [heard for heard in self.all() if heard.name in names]

    def of(self, task_id: str) -> list[Heard]:
        """Those of one task: from its first prerun to its last postrun, in its child."""
        about = [heard for heard in self.all() if heard.name.startswith("task_")]
        mine = [number for number, heard in enumerate(about) if heard.told.get("task_id") == task_id]
        return about[mine[0] : mine[-1] + 1] if mine else []


@pytest.fixture(scope="module")
def notes(redis_server: EmbeddedRedis, namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notes]:
    file = tmp_path_factory.mktemp("signals") / "heard"
    settings = {
        "HEAVYLIFT_WORKER_CELERY_APP": "tests.support.sample_signals:app",
        "HEAVYLIFT_WORKER_CONCURRENCY": "1",
        "HEAVYLIFT_WORKER_ASYNCIO_CHILDREN": "0",
        FILE_VARIABLE: str(file),
    }
    with WorkerProcess(redis_server.url, namespace, **settings) as running:
        yield Notes(file, running)


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        (
            "signals.add",
            (2, 3),
            [
                ("task_prerun", {"args": [2, 3], "kwargs": {}}),
                ("task_success", {"result": 5}),
                ("task_postrun", {"retval": 5, "state": "SUCCESS"}),
            ],
        ),
        (
            "signals.fail",
            (),
            [
                ("task_prerun", {"args": [], "kwargs": {}}),
                ("task_failure", {"exception": "ValueError('no')"}),
                ("task_postrun", {"retval": "ValueError('no')", "state": "FAILURE"}),
            ],
        ),
        (
            "signals.retry",
            (),
            [
                ("task_prerun", {}),
                ("task_retry", {}),
                ("task_postrun", {"state": "RETRY"}),
                ("task_prerun", {}),
                ("task_success", {"result": "again"}),
                ("task_postrun", {"retval": "again", "state": "SUCCESS"}),
            ],
        ),
    ],
)
def test_the_signals_of_a_task_come_in_order_in_the_child_that_runs_it(
    client: Celery, notes: Notes, name: str, args: tuple[Any, ...], expected: list[tuple[str, dict[str, Any]]]
) -> None:
    result = client.signature(name, args).apply_async()
    heard = eventually(
        lambda: notes.of(result.id), holds=lambda seen: [h.name for h in seen] == [n for n, _ in expected], claim="its signals"
    )

    assert {one.pid for one in heard} == set(notes.worker.children())
    assert {one.told["sender"] for one in heard} == {name}
    for one, (_, told) in zip(heard, expected, strict=True):
        assert one.told.items() >= told.items()


def test_a_handler_of_ours_has_signals_too_where_somebody_listens(client: Celery, notes: Notes) -> None:
    result = client.tasks["sample.add"].delay({"a": 1, "b": 1})

    heard = eventually(lambda: notes.of(result.id), holds=lambda seen: len(seen) == 3, claim="its signals")
    assert [one.name for one in heard] == ["task_prerun", "task_success", "task_postrun"]


def test_the_time_limit_of_the_application_holds_for_a_task_that_has_none(client: Celery, notes: Notes) -> None:
    with pytest.raises(SoftTimeLimitExceeded):
        client.signature("signals.sleep").apply_async().get(timeout=20)


def test_a_child_announces_itself_before_its_first_task_and_says_goodbye(redis_server: EmbeddedRedis, tmp_path: Path) -> None:
    namespace, file = f"test-{uuid.uuid4().hex[:12]}", tmp_path / "heard"
    settings = {
        "HEAVYLIFT_WORKER_CELERY_APP": "tests.support.sample_signals:app",
        "HEAVYLIFT_WORKER_CONCURRENCY": "1",
        "HEAVYLIFT_WORKER_ASYNCIO_CHILDREN": "0",
        "HEAVYLIFT_WORKER_MAX_TASKS_PER_CHILD": "1",
        FILE_VARIABLE: str(file),
    }
    registry = Registry()
    registry.collect(sample_tasks)
    store = StoreSettings(url=redis_server.url, namespace=namespace)
    with (
        create_app(Integration(store, TelemetrySettings(), WorkerSettings()), registry) as client,
        WorkerProcess(redis_server.url, namespace, **settings) as worker,
    ):
        notes = Notes(file, worker)
        guardian = worker.process.pid
        results = [client.signature("signals.add", (n, n)).apply_async() for n in range(2)]
        assert [result.get(timeout=10) for result in results] == [0, 2]
        eventually(lambda: notes.named("worker_ready"), claim="the worker's readiness")
        assert worker.terminate() == 0

    first, second, *_ = [one.pid for one in notes.named("worker_process_init")]
    for pid in (first, second):
        names = [one.name for one in notes.all() if one.pid == pid]
        assert names == ["worker_process_init", "task_prerun", "task_success", "task_postrun", "worker_process_shutdown"]
        (goodbye,) = [one for one in notes.named("worker_process_shutdown") if one.pid == pid]
        assert (goodbye.told["pid"], goodbye.told["exitcode"]) == (pid, 0)
    of_guardian = [one.name for one in notes.all() if one.pid == guardian]
    assert of_guardian == ["worker_init", "worker_ready", "worker_shutting_down", "worker_shutdown"]
    (stopping,) = notes.named("worker_shutting_down")
    assert stopping.told == {"sender": None, "sig": "SIGTERM", "how": "Warm"}
