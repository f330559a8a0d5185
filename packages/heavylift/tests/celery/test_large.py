"""Celery's own way with what is too large for Redis: ``.delay()`` puts it away, ``.get()`` fetches it."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from heavylift.celery.app import Integration, create_app
from heavylift.claim_check import ClaimCheck
from heavylift.errors import PayloadInvalid
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.registry import Registry
from heavylift.settings import ObjectSettings, StoreSettings, TelemetrySettings, WorkerSettings
from heavylift.store.calls import Read
from heavylift.store.redis import RedisStore
from tests.support import large_tasks
from tests.support.object_stores import S3Server, environment
from tests.support.worker import WorkerProcess

LIMIT = 2048
TEXT = "ä" * LIMIT


@pytest.fixture(scope="module")
def namespace() -> str:
    """One for the whole file."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def settings(s3_server: S3Server, namespace: str) -> dict[str, Any]:
    return s3_server.values(namespace, inline_limit=LIMIT, largest=20 * LIMIT)


@pytest.fixture(scope="module")
def app(redis_server: EmbeddedRedis, namespace: str, settings: dict[str, Any]) -> Iterator[Celery]:
    """An app that publishes."""
    registry = Registry()
    registry.collect(large_tasks)
    store = StoreSettings(url=redis_server.url, namespace=namespace)
    with create_app(Integration(store, TelemetrySettings(), WorkerSettings(), ObjectSettings(**settings)), registry) as made:
        yield made


@pytest.fixture(scope="module")
def worker(redis_server: EmbeddedRedis, namespace: str, settings: dict[str, Any]) -> Iterator[WorkerProcess]:
    variables = environment(settings) | {"HEAVYLIFT_WORKER_TASKS": "tests.support.large_tasks"}
    with WorkerProcess(redis_server.url, namespace, **variables) as running:
        yield running


async def test_what_is_published_on_an_event_loop_goes_the_same_way(app: Celery, redis_store: RedisStore) -> None:
    sent = app.tasks["large.repeat"].delay({"text": TEXT})

    record = redis_store.run(Read(sent.id))
    assert record is not None
    assert ClaimCheck.read(record.payload) is not None


@pytest.mark.parametrize("kind", ["large.repeat", "large.repeat_async"])
def test_a_large_call_is_run_and_its_large_result_is_got(
    app: Celery, worker: WorkerProcess, redis_store: RedisStore, kind: str
) -> None:
    sent = app.tasks[kind].delay({"text": TEXT, "times": 2})

    assert sent.get(timeout=30) == TEXT * 2
    record = redis_store.run(Read(sent.id))
    assert record is not None
    assert ClaimCheck.read(record.payload) is not None
    assert isinstance(record.result, ClaimCheck)


def test_what_is_larger_than_may_be_is_refused_to_who_publishes_it(app: Celery) -> None:
    with pytest.raises(PayloadInvalid, match="HEAVYLIFT_OBJECTS_LARGEST"):
        app.tasks["large.repeat"].delay({"text": TEXT * 20})
