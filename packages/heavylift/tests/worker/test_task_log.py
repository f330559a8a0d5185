"""What handlers log is kept with their tasks, by real workers in a real Redis."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from heavylift.errors import ConfigurationInvalid
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor
from heavylift.store.calls import ReadLog
from heavylift.store.redis import RedisStore
from heavylift.story import LogLine
from heavylift.worker.run_log import LogRules, RunLog
from heavylift.worker.task_log import load_redact
from tests.support.eventually import eventually
from tests.support.following import ended, submit
from tests.support.worker import WorkerProcess

SETTINGS = {
    "HEAVYLIFT_WORKER_TASKS": "tests.support.logging_tasks",
    "HEAVYLIFT_WORKER_CONCURRENCY": "1",
    "HEAVYLIFT_WORKER_THREAD_CHILDREN": "1",
    "HEAVYLIFT_WORKER_TASK_LOG_REDACT": "tests.support.logging_tasks:redact",
}


@pytest.fixture(scope="module")
def namespace() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module", autouse=True)
def worker(redis_server: EmbeddedRedis, namespace: str) -> Iterator[WorkerProcess]:
    with WorkerProcess(redis_server.url, namespace, **SETTINGS) as running_worker:
        yield running_worker


def lines(store: RedisStore, id_: str) -> list[LogLine]:
    portions = store.run(ReadLog(id_))
    assert portions is not None
    return [line for portion in portions for line in portion.lines]


def said(store: RedisStore, kind: str, executor: Executor = Executor.PROCESS, **payload: Any) -> list[LogLine]:
    id_ = submit(store, kind, payload, executor, max_attempts=3)
    ended(store, id_)
    return lines(store, id_)


@pytest.mark.parametrize("executor", Executor)
def test_all_ways_to_log_are_kept_in_every_kind_of_child(redis_store: RedisStore, executor: Executor) -> None:
    kept = said(redis_store, f"logging.{executor}", executor, text="größe")

    assert [(line.number, line.level, line.logger, line.message) for line in kept[:3]] == [
        (1, "info", "app.tasks", "größe from logging"),
        (2, "warning", "app.structured", "größe from structlog"),
        (3, "error", "app.celery", "größe from celery"),
    ]
    assert [line.fields for line in kept[:3]] == [{"customer": 42}, {"size": 3.5}, {}]
    assert all(line.attempt == 1 for line in kept)


def test_tasks_side_by_side_keep_their_own_lines(redis_store: RedisStore) -> None:
    ids = {f"task {n}": submit(redis_store, "logging.asyncio", {"text": f"task {n}"}, Executor.ASYNCIO) for n in range(20)}

    for text, id_ in ids.items():
        ended(redis_store, id_)
        assert [line.message for line in lines(redis_store, id_)] == [
            *(f"{text} from {way}" for way in ("logging", "structlog", "celery")),
            f"{text} once more",
        ]


def test_a_thread_that_is_given_the_context_of_its_task_logs_for_it(redis_store: RedisStore) -> None:
    assert [line.message for line in said(redis_store, "logging.own_thread")] == ["from a thread"]


def test_each_attempt_keeps_its_lines_with_the_traceback(redis_store: RedisStore) -> None:
    kept = said(redis_store, "logging.failing")

    assert [(line.attempt, line.number, line.message) for line in kept] == [
        (1, 1, "attempt 1"),
        (1, 2, "it went wrong"),
        (2, 1, "attempt 2"),
    ]
    assert kept[1].fields["exception"].rstrip().endswith("KeyError: 'the secret'")


def test_what_a_hook_changes_drops_or_stumbles_over_is_never_kept(redis_store: RedisStore) -> None:
    assert [line.message for line in said(redis_store, "logging.own_thread")]
    for text, expected in {"hunter2": "*** from logging", "drop me": None, "stumble": None}.items():
        kept = said(redis_store, "logging.process", text=text)
        assert ([line.message for line in kept][:1] or [None]) == [expected]


def test_a_chatty_task_keeps_its_newest_lines_and_is_hardly_held_up(redis_store: RedisStore, worker: WorkerProcess) -> None:
    id_ = submit(redis_store, "logging.chatty", {"times": 10_000})
    record = ended(redis_store, id_)

    kept = lines(redis_store, id_)
    portions = redis_store.run(ReadLog(id_, (1, 9000)))
    assert portions is not None
    last = portions[-1].lines[-1]
    assert (last.number, last.message) == (10_000, "line 9999 of 10000")
    assert int(redis_store._client.hget(f"{redis_store.partition}:task:{id_}", "log_lines") or 0) <= 1000
    assert kept[0].number >= 9000
    assert record.result < 5, "ten thousand lines, which go to the standard output, too"
    counted = 'heavylift_task_log_lines_total{messaging_destination_name="default",outcome="kept",task_name="logging.chatty"}'
    eventually(worker.metrics, holds=lambda text: counted in text, claim="that they are counted")


def test_nothing_is_kept_where_that_is_turned_off_or_of_lower_levels(redis_server: EmbeddedRedis) -> None:
    for level, expected in {"off": [], "error": ["hello from celery"]}.items():
        namespace = f"test-{uuid.uuid4().hex[:12]}"
        settings = SETTINGS | {"HEAVYLIFT_WORKER_TASK_LOG_LEVEL": level}
        with (
            WorkerProcess(redis_server.url, namespace, **settings),
            RedisStore.from_url(redis_server.url, namespace=namespace) as store,
        ):
            assert [line.message for line in said(store, "logging.process")] == expected


@pytest.mark.parametrize("name", ["nowhere:redact", "tests.support.logging_tasks", "tests.support.logging_tasks:nothing", ":"])
def test_a_hook_that_is_not_there_is_told_with_its_setting(name: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="HEAVYLIFT_WORKER_TASK_LOG_REDACT"):
        load_redact(name)


def test_what_is_not_carried_yet_is_bounded_and_the_oldest_goes_first() -> None:
    log = RunLog(LogRules(most_lines=10, most_bytes=100_000))
    for number in range(25):
        log.write(0, "info", 1, "app", f"line {number}", {})

    (memo,) = log.take("task", 1)

    assert memo.text.startswith("25 10 ")
    assert log.arrived() == (10, 15)


def test_what_did_not_arrive_is_carried_again_as_it_was() -> None:
    log = RunLog(LogRules(most_lines=1000, most_bytes=100_000))
    log.write(0, "info", 1, "app", "one", {})
    first = log.take("task", 1)
    log.write(0, "info", 1, "app", "two", {})

    assert log.take("task", 1)[:1] == first
    assert log.arrived() == (2, 0)
    assert log.take("task", 1) == ()
