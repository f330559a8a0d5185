"""Tasks whose payload, or whose result, is too large for Redis: a real worker with an object store that speaks S3."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest
import redis

from heavylift.claim_check import ClaimCheck
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.objects import Keeper, Storage
from heavylift.record import Executor, Record, Submission, new_task_id
from heavylift.settings import ObjectSettings
from heavylift.state import FailureReason, State
from heavylift.store.calls import KeptObject, NoteObject, Read, ReadHistory, Submit
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter
from tests.support.eventually import eventually
from tests.support.object_stores import S3Server, environment
from tests.support.worker import WorkerProcess

LIMIT = 2048
TEXT = "ä" * LIMIT
KINDS = {"large.repeat": Executor.PROCESS, "large.repeat_async": Executor.ASYNCIO}


@pytest.fixture(scope="module")
def namespace() -> str:
    """One for the whole file: every test looks at its own tasks only."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def settings(s3_server: S3Server, namespace: str) -> dict[str, Any]:
    return s3_server.values(namespace, inline_limit=LIMIT, largest=100 * LIMIT, deadline=3.0)


@pytest.fixture(scope="module")
def worker(redis_server: EmbeddedRedis, namespace: str, settings: dict[str, Any]) -> Iterator[WorkerProcess]:
    """A worker that the tests of this file share."""
    variables = environment(settings) | {"HEAVYLIFT_WORKER_TASKS": "tests.support.large_tasks"}
    with WorkerProcess(redis_server.url, namespace, **variables) as running:
        yield running


@pytest.fixture
def keeper(settings: dict[str, Any], redis_store: RedisStore) -> Keeper:
    """Puts away what is submitted."""

    async def note(call: NoteObject) -> None:
        redis_store.run(call)

    made = ObjectSettings(**settings)
    return Keeper(Storage(made), made, note, Reporter())


def submit(keeper: Keeper, store: RedisStore, kind: str, **payload: Any) -> tuple[str, ClaimCheck]:
    """A task whose payload was put away."""
    id_ = new_task_id()
    check = asyncio.run(keeper.put_text(id_, "payload", json.dumps(payload)))
    store.run(Submit((Submission(id=id_, kind=kind, payload=check.text, executor=KINDS[kind], max_attempts=3),)))
    return id_, check


def ended(store: RedisStore, id_: str) -> Record:
    """The record of a task at its end."""
    record = eventually(lambda: store.run(Read(id_)), holds=lambda seen: seen is not None and seen.ended, within=30)
    assert record is not None
    return record


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_gets_its_payload_and_leaves_its_result_where_they_are_kept(
    worker: WorkerProcess, redis_store: RedisStore, keeper: Keeper, kind: str
) -> None:
    id_, _ = submit(keeper, redis_store, kind, text=TEXT, times=2)

    record = ended(redis_store, id_)

    assert record.state is State.SUCCEEDED
    assert isinstance(record.result, ClaimCheck)
    assert json.loads(asyncio.run(keeper.fetch(record.result, "result"))) == TEXT * 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_payload_that_is_gone_or_altered_ends_its_task_at_once_as_unreadable(
    worker: WorkerProcess, redis_store: RedisStore, keeper: Keeper, s3_server: S3Server, namespace: str, kind: str
) -> None:
    store = s3_server.client(namespace)
    gone, altered = (ClaimCheck(f"2026-01-01/{what}", 5, "00") for what in ("gone", "altered"))
    obstore.put(store, altered.name, b'"abc"')
    ids = [new_task_id(), new_task_id()]
    tasks = [Submission(id=i, kind=kind, payload=c.text, executor=KINDS[kind]) for i, c in zip(ids, (gone, altered), strict=True)]
    redis_store.run(Submit(tuple(tasks)))

    records = [ended(redis_store, id_) for id_ in ids]

    assert [(r.state, r.reason, r.attempt) for r in records] == [(State.FAILED, FailureReason.UNDECODABLE, 1)] * 2
    assert [r.error["type"] for r in records] == ["ObjectGone", "ObjectAltered"]


def test_a_result_that_is_larger_than_may_be_fails_its_task_with_the_numbers(
    worker: WorkerProcess, redis_store: RedisStore, keeper: Keeper
) -> None:
    id_, _ = submit(keeper, redis_store, "large.repeat", text=TEXT, times=60)

    record = ended(redis_store, id_)

    assert (record.state, record.error["type"], record.attempt) == (State.FAILED, "ResultInvalid", 1)
    assert "HEAVYLIFT_OBJECTS_LARGEST" in record.error["message"]


def test_what_small_tasks_return_stays_in_redis(worker: WorkerProcess, redis_store: RedisStore) -> None:
    task = Submission(kind="large.repeat", payload='{"text": "a", "times": 3}')
    redis_store.run(Submit((task,)))

    assert ended(redis_store, task.id).result == "aaa"


def test_a_task_waits_for_an_object_store_that_is_away_as_long_as_its_attempts_last(
    redis_server: EmbeddedRedis, tmp_path: Path
) -> None:
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    with S3Server() as own, RedisStore.from_url(redis_server.url, namespace=namespace) as store:
        away = own.values("x", inline_limit=LIMIT, deadline=0.5)
        own.stop()
        variables = environment(away) | {"HEAVYLIFT_WORKER_TASKS": "tests.support.large_tasks"}
        with WorkerProcess(redis_server.url, namespace, **variables):
            check = ClaimCheck("2026-01-01/away", 5, "00")
            task = Submission(kind="large.repeat", payload=check.text, max_attempts=3)
            store.run(Submit((task,)))

            record = ended(store, task.id)

            assert (record.state, record.reason, record.attempt) == (State.FAILED, FailureReason.EXHAUSTED, 3)
            assert (record.error["type"], record.error["retryable"]) == ("ObjectsUnavailable", True)
            assert len(store.run(ReadHistory(task.id)) or ()) == 3


def test_objects_go_when_nobody_refers_to_them_any_more(redis_server: EmbeddedRedis, s3_server: S3Server, tmp_path: Path) -> None:
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    with RedisStore.from_url(redis_server.url, namespace=namespace) as store:
        objects = s3_server.client(namespace)
        for name in ("spare", "kept"):
            obstore.put(objects, name, b"1")
        task = Submission(kind="large.repeat", payload=ClaimCheck("kept", 1, "00").text, delay=3600)
        store.run(Submit((task,)))
        for name, id_ in (("spare", new_task_id()), ("kept", task.id)):
            store.run(NoteObject(KeptObject(name, id_)))
        _let_the_grace_pass(redis_server, namespace)

        variables = environment(s3_server.values(namespace)) | {"HEAVYLIFT_WORKER_TASKS": "tests.support.large_tasks"}
        with WorkerProcess(redis_server.url, namespace, **variables) as worker:
            eventually(
                lambda: s3_server.names(namespace), holds=lambda names: names == ["kept"], claim="the end of what is spare"
            )
            eventually(worker.metrics, holds=lambda text: "object_swept_total 1.0" in text, claim="the count of it")


def _let_the_grace_pass(server: EmbeddedRedis, namespace: str) -> None:
    with redis.Redis.from_url(server.url) as client:
        key = f"{namespace}:{{p0}}:objects"
        client.zadd(key, {member: 0 for member, _ in client.zscan_iter(key)})
