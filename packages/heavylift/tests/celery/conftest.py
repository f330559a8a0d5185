"""A real worker with somebody's own Celery application, and an application that sends to it, for each module of tests."""

import uuid
from collections.abc import Iterator

import pytest
from celery import Celery

from heavylift.celery.app import Integration, configure, create_app
from heavylift.celery.tasks import add_handler
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.registry import Registry
from heavylift.settings import StoreSettings, TelemetrySettings, WorkerSettings
from tests.support import sample_celery, sample_tasks
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


@pytest.fixture(scope="module")
def namespace() -> str:
    """One for the whole file: every test looks at its own tasks only."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def client(redis_server: EmbeddedRedis, namespace: str) -> Iterator[Celery]:
    """It knows our handlers, and of the worker's application the names of its tasks."""
    registry = Registry()
    registry.collect(sample_tasks)
    store = StoreSettings(url=redis_server.url, namespace=namespace)
    with create_app(Integration(store, TelemetrySettings(), WorkerSettings()), registry) as made:
        yield made


@pytest.fixture(scope="module")
def app(redis_server: EmbeddedRedis, namespace: str) -> Iterator[Celery]:
    """It knows the tasks of the worker's application, too."""
    assert sample_celery.app.tasks  # Celery shares the tasks of an application with all others that are made in its process
    mine = Celery("mine", set_as_current=False)
    configure(mine, Integration(StoreSettings(url=redis_server.url, namespace=namespace), TelemetrySettings(), WorkerSettings()))
    registry = Registry()
    registry.collect(sample_tasks)
    for handler in registry:
        add_handler(mine, handler)
    yield mine
    mine.close()


@pytest.fixture(scope="module")
def worker(lasting_worker: WorkerProcess) -> WorkerProcess:
    return lasting_worker


@pytest.fixture(scope="module")
def lasting_worker(redis_server: EmbeddedRedis, namespace: str, client: Celery) -> Iterator[WorkerProcess]:
    """It answers control commands, too, which it may do a moment after it is ready for tasks."""
    settings = {"HEAVYLIFT_WORKER_CELERY_APP": "tests.support.sample_celery:app"}
    with WorkerProcess(redis_server.url, namespace, **settings) as running:
        eventually(lambda: client.control.ping(timeout=1, limit=1), claim="an answer to a ping")
        yield running
