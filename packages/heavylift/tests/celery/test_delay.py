"""Celery's own way of calling, against a real worker."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, chain
from celery.exceptions import TaskRevokedError, WorkerLostError
from celery.result import AsyncResult

from heavylift.celery.app import Integration, configure
from heavylift.errors import PayloadInvalid, PermanentError, QueueFull, StoreRefused
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor
from heavylift.settings import StoreSettings, TelemetrySettings, WorkerSettings
from heavylift.state import State
from heavylift.store.calls import Cancel, LimitQueue, Read, ReadCatalogue, Statistics
from heavylift.store.redis import RedisStore
from tests.support import sample_celery, sample_tasks
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


def read(store: RedisStore, result: AsyncResult) -> Any:
    record = store.run(Read(result.id))
    assert record is not None
    return record


def test_an_app_that_speaks_the_first_protocol_is_made_to_speak_the_second(
    redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str
) -> None:
    old = Celery("old", set_as_current=False, task_protocol=1)
    store = StoreSettings(url=redis_server.url, namespace=namespace)
    configure(old, Integration(store, TelemetrySettings(), WorkerSettings()))
    result = old.signature("proj.nobody").apply_async()

    assert read(redis_store, result).state is State.QUEUED
    old.close()


def test_delay_makes_a_record_and_get_returns_its_result(app: Celery, worker: WorkerProcess, redis_store: RedisStore) -> None:
    result = app.tasks["proj.add"].delay(2, y=3)

    assert result.get(timeout=10) == 5
    record = read(redis_store, result)
    assert (record.kind, record.state, record.queue) == ("proj.add", State.SUCCEEDED, "default")


def test_delay_of_a_handler_takes_its_payload_model(app: Celery, worker: WorkerProcess, redis_store: RedisStore) -> None:
    result = app.tasks["sample.add"].delay(sample_tasks.Numbers(a=4, b=5))

    assert result.get(timeout=10) == 9
    assert read(redis_store, result).payload == '{"a": 4, "b": 5}'
    assert result.id[14] == "7"  # the version of a UUIDv7


def test_apply_async_with_a_countdown_is_a_scheduled_record(app: Celery, redis_store: RedisStore) -> None:
    result = app.tasks["proj.add"].apply_async((1,), countdown=60)

    record = read(redis_store, result)
    assert record.state is State.SCHEDULED
    assert record.due_at is not None
    assert 50 < (record.due_at - record.submitted_at).total_seconds() < 61


def test_a_header_asks_for_durability_and_is_refused_where_there_is_no_replica(app: Celery, redis_store: RedisStore) -> None:
    task = app.tasks["proj.add"]

    with pytest.raises(StoreRefused, match="no replica"):
        task.apply_async((1,), headers={"durability": "replica"}, retry=False)
    with pytest.raises(PayloadInvalid, match=r"durability is memory or replica, not 'disk'"):
        task.apply_async((1,), headers={"durability": "disk"}, retry=False)

    assert task.apply_async((1,), headers={"durability": "memory"}, countdown=60).id
    assert redis_store.run(Statistics()).scheduled >= 1


def test_celerys_own_retry_goes_through_the_record(app: Celery, worker: WorkerProcess, redis_store: RedisStore) -> None:
    result = app.tasks["proj.flaky"].delay(2)

    assert result.get(timeout=10) == 2
    record = read(redis_store, result)
    assert (record.attempt, record.fence) == (3, 3)


def test_an_error_comes_back_as_an_exception(app: Celery, worker: WorkerProcess) -> None:
    with pytest.raises(KeyError, match="boom"):
        app.tasks["proj.boom"].delay().get(timeout=10)


def test_an_error_of_somebodys_own_class_comes_back_as_one(app: Celery, worker: WorkerProcess) -> None:
    with pytest.raises(sample_celery.Overload) as raised:
        app.tasks["proj.overload"].delay().get(timeout=10)

    assert (raised.value.who, raised.value.seconds) == ("printer", 7)


def test_a_loss_of_workers_comes_back_as_celerys_own_error(app: Celery, worker: WorkerProcess, tmp_path: Path) -> None:
    with pytest.raises(WorkerLostError, match="quarantined"):
        app.tasks["sample.die"].delay({"path": str(tmp_path / "deaths")}).get(timeout=10)


def test_what_a_running_task_says_of_itself_is_seen_while_it_runs(
    app: Celery, worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path
) -> None:
    result = app.tasks["proj.steps"].delay(str(tmp_path / "gate"))
    eventually((tmp_path / "gate.running").exists, claim="the task's start")

    assert (result.state, result.info) == ("PROGRESS", {"current": 3, "total": 10})
    assert read(redis_store, result).progress == {"state": "PROGRESS", "meta": {"current": 3, "total": 10}}
    (tmp_path / "gate.open").touch()
    assert (result.get(timeout=10), result.state) == ("through", "SUCCESS")


def test_the_state_of_another_task_is_not_to_be_changed(app: Celery, worker: WorkerProcess) -> None:
    with pytest.raises(PermanentError, match="of another task is not supported"):
        app.tasks["proj.meddle"].delay("other").get(timeout=10)


def test_a_task_sent_by_its_name_is_tried_as_often_as_its_kind_wants(
    app: Celery, worker: WorkerProcess, redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore, tmp_path: Path
) -> None:
    eventually(lambda: "sample.flaky" in redis_store.run(ReadCatalogue()), claim="a published catalogue")
    stranger = Celery("stranger", set_as_current=False)  # it knows of no task at all
    store = StoreSettings(url=redis_server.url, namespace=namespace)
    configure(stranger, Integration(store, TelemetrySettings(), WorkerSettings()))

    # Who has just looked into the catalogue, before the worker published it, looks again after a second.
    known = eventually(
        lambda: stranger.send_task("sample.add_async", ({"a": 1, "b": 2},)),
        holds=lambda sent: read(redis_store, sent).executor is Executor.ASYNCIO,
    )
    result = stranger.send_task("sample.flaky", ({"path": str(tmp_path / "calls"), "times": 3},))

    assert result.get(timeout=10) == 3
    assert known.get(timeout=10) == 3
    assert (read(redis_store, result).attempt, read(redis_store, result).max_attempts) == (3, 3)
    stranger.close()


def test_a_retry_with_other_arguments_runs_the_same_task_with_them(
    app: Celery, worker: WorkerProcess, redis_store: RedisStore
) -> None:
    result = app.tasks["proj.retry_with_others"].delay(0)

    assert result.get(timeout=10) == 5
    record = read(redis_store, result)
    assert (record.attempt, json.loads(record.payload)) == (2, {"args": [], "kwargs": {"n": 5}})


def test_a_retry_that_does_not_raise_is_a_retry_all_the_same(
    app: Celery, worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path
) -> None:
    told = app.tasks["proj.note"].s(str(tmp_path / "told"))

    result = app.tasks["proj.softly"].apply_async((2,), link=told)

    assert result.get(timeout=10) == 2
    assert read(redis_store, result).attempt == 3
    eventually((tmp_path / "told").exists, claim="the callback")
    assert (tmp_path / "told").read_text() == "2"  # and not what it returned after it had asked for another attempt


@pytest.mark.parametrize(("name", "words"), [("proj.replace", "Task.replace()"), ("proj.retry_elsewhere", "into another queue")])
def test_what_would_make_another_task_of_a_record_is_refused_with_a_sentence(
    app: Celery, worker: WorkerProcess, redis_store: RedisStore, name: str, words: str
) -> None:
    result = app.tasks[name].delay()

    record = eventually(lambda: read(redis_store, result), holds=lambda seen: seen.ended, claim="the end")
    assert record.state is State.FAILED
    assert words in record.error["message"]
    assert "not supported" in record.error["message"]


def test_getting_a_task_that_was_called_off_says_so(app: Celery, redis_store: RedisStore) -> None:
    result = app.tasks["proj.add"].apply_async((1,), countdown=60)
    redis_store.run(Cancel(result.id))

    with pytest.raises(TaskRevokedError):
        result.get(timeout=5)


def test_a_chain_goes_on_when_redis_was_away_at_the_end_of_a_link(tmp_path: Path) -> None:
    gate, namespace = tmp_path / "gate", f"test-{uuid.uuid4().hex[:12]}"
    settings = {"HEAVYLIFT_WORKER_CELERY_APP": "tests.support.sample_celery:app"}
    server = EmbeddedRedis(directory=tmp_path / "redis").start()
    mine = Celery("mine", set_as_current=False)
    configure(mine, Integration(StoreSettings(url=server.url, namespace=namespace), TelemetrySettings(), WorkerSettings()))
    try:
        with WorkerProcess(server.url, namespace, **settings) as worker:
            links = [mine.signature("proj.slow_add", (1, str(gate))), mine.signature("proj.add", (10,))]
            result = chain(*links, app=mine).apply_async()
            eventually(lambda: (tmp_path / "gate.running").exists(), claim="the first link running")

            server.stop()
            (tmp_path / "gate.open").touch()
            eventually(lambda: worker.probe("/readyz") == 503, claim="the worker says that Redis is away")
            server.start()

            assert result.get(timeout=15) == 11
    finally:
        mine.close()
        server.stop()


def test_a_chain_passes_results_on(app: Celery, worker: WorkerProcess) -> None:
    add = app.tasks["proj.add"]

    assert (add.s(1, 2) | add.s(10) | add.s(100)).apply_async().get(timeout=10) == 113


def test_celery_control_finds_the_worker(app: Celery, worker: WorkerProcess) -> None:
    inspect = app.control.inspect(timeout=2, limit=1)

    (answer,) = (inspect.ping() or {}).values()
    assert answer == {"ok": "pong"}
    (registered,) = (inspect.registered() or {}).values()
    assert "sample.add" in registered
    assert "proj.add" in registered
    (stats,) = (inspect.stats() or {}).values()
    assert stats["pool"]["children"] == 3


def test_celery_inspect_tells_what_runs_and_where_it_comes_from(app: Celery, worker: WorkerProcess, tmp_path: Path) -> None:
    result = app.tasks["sample.gate"].delay({"path": str(tmp_path / "gate")})
    eventually(lambda: list(tmp_path.glob("gate.*.running")), claim="the task's start")
    inspect = app.control.inspect(timeout=2, limit=1)

    (running,) = (inspect.active() or {}).values()
    (queues,) = (inspect.active_queues() or {}).values()
    (tmp_path / "gate.open").touch()

    assert [(task["id"], task["name"]) for task in running] == [(result.id, "sample.gate")]
    assert [queue["name"] for queue in queues] == ["default"]
    assert result.get(timeout=10) == "through"


def test_revoking_a_task_that_waits_cancels_it(app: Celery, worker: WorkerProcess, redis_store: RedisStore) -> None:
    result = app.tasks["proj.add"].apply_async((1,), countdown=60)

    result.revoke()

    eventually(lambda: read(redis_store, result).state, holds=lambda seen: seen is State.CANCELLED, claim="the cancellation")


def test_the_password_of_redis_is_not_shown_by_stats(app: Celery, worker: WorkerProcess) -> None:
    (stats,) = (app.control.inspect(timeout=2, limit=1).stats() or {}).values()

    assert "password" not in stats["broker"]


def test_celery_control_can_shut_the_worker_down(app: Celery, worker: WorkerProcess) -> None:
    app.control.shutdown()  # the last test of this file: the worker is gone after it

    assert worker.process.wait(timeout=10) == 0


def test_delay_to_a_full_queue_raises_and_what_runs_goes_on(app: Celery, redis_store: RedisStore) -> None:
    add = app.tasks["proj.add"]
    add.apply_async((1, 1), queue="narrow")
    redis_store.run(LimitQueue("narrow", 1))

    with pytest.raises(QueueFull, match="1 tasks wait in the queue narrow, which takes 1") as refused:
        add.apply_async((1, 1), queue="narrow")

    assert (refused.value.queue, refused.value.limit) == ("narrow", 1)
    onward = add.apply_async((1, 1), queue="narrow", parent_id="of-one-that-runs")  # as Celery sends the next step of a chain
    assert read(redis_store, onward).state is State.QUEUED
