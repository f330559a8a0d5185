"""Plain Celery tasks ask for their context, and give way when they are revoked."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from celery.exceptions import TaskRevokedError

from heavylift.celery.app import Integration, create_app
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.registry import Registry
from heavylift.settings import StoreSettings, TelemetrySettings, WorkerSettings
from heavylift.state import State
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.following import ended, record_of
from tests.support.worker import WorkerProcess

SAMPLE = "tests.support.sample_celery:app"


@pytest.fixture(scope="module")
def namespace() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def app(redis_server: EmbeddedRedis, namespace: str) -> Iterator[Celery]:
    settings = WorkerSettings(celery_app=SAMPLE)
    store = StoreSettings(url=redis_server.url, namespace=namespace)
    made = create_app(Integration(store, TelemetrySettings(), settings), Registry())
    yield made
    made.close()


@pytest.fixture(scope="module", autouse=True)
def worker(redis_server: EmbeddedRedis, namespace: str) -> Iterator[WorkerProcess]:
    with WorkerProcess(redis_server.url, namespace, HEAVYLIFT_WORKER_CELERY_APP=SAMPLE) as running:
        yield running


def test_a_celery_task_that_runs_is_revoked_and_gives_way(app: Celery, redis_store: RedisStore, tmp_path: Path) -> None:
    path, called_back = tmp_path / "task", tmp_path / "called back"
    errback = app.signature("proj.note_error", (str(called_back),))
    result = app.tasks["proj.patient"].apply_async((str(path),), link_error=errback)
    eventually(path.with_suffix(".running").exists, claim="its start")
    eventually(
        lambda: record_of(redis_store, result.id).progress,
        holds=lambda seen: seen == {"done": 1, "total": 2, "message": "half way"},
        claim="its progress",
    )

    result.revoke(terminate=True)

    record = ended(redis_store, result.id)
    assert (record.state, record.error) == (State.CANCELLED, None)
    with pytest.raises(TaskRevokedError):
        result.get(timeout=5)
    assert app.tasks["proj.add"].delay(1, 1).get(timeout=10) == 2  # anything that was called back would have come before this
    assert not called_back.exists()
