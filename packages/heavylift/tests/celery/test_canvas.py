"""Celery's canvas and options, each on a real worker: as with Celery, or as ``docs/celery.md`` says that it differs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, chord, group
from celery.exceptions import ChordError, TaskRevokedError

from heavylift.record import Priority
from heavylift.state import State
from heavylift.store.calls import Read
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

WORKS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "group": (lambda t: group(t.add.s(n, n) for n in range(5)).apply_async(), [0, 2, 4, 6, 8]),
    "chain": (lambda t: (t.add.s(1, 2) | t.add.s(10)).apply_async(), 13),
    "chain with an immutable link": (lambda t: (t.add.s(1, 2) | t.add.si(5, 5)).apply_async(), 10),
    "chord": (lambda t: chord([t.add.s(n, n) for n in range(5)], t.total.s()).apply_async(), 20),
    "group then task": (lambda t: (group(t.add.s(n, n) for n in range(3)) | t.total.s()).apply_async(), 6),
    "chain in a group": (lambda t: group(t.add.s(1, 1) | t.add.s(2), t.add.s(5, 5)).apply_async(), [4, 10]),
    "chord in a chain": (lambda t: (t.add.s(1, 1) | group(t.add.s(1), t.add.s(2)) | t.total.s() | t.add.s(9)).apply_async(), 16),
    "map": (lambda t: t.total.map([[1, 2], [3]]).apply_async(), [3, 3]),
    "starmap": (lambda t: t.add.starmap([(1, 2), (3, 4)]).apply_async(), [3, 7]),
    "chunks": (lambda t: t.add.chunks([(1, 2), (3, 4)], 1).apply_async(), [[3], [7]]),
    "ignore_result": (lambda t: t.quiet.delay(), None),
    "acks_late": (lambda t: t.late.delay(), 1),
    "autoretry_for": (lambda t: t.auto.delay(2), 2),
    "headers": (lambda t: t.header.apply_async(headers={"x_tenant": "acme"}), "acme"),
    "countdown": (lambda t: t.add.apply_async((1, 1), countdown=0.2), 2),
    "eta": (lambda t: t.add.apply_async((1, 1), eta=datetime.now(UTC) + timedelta(seconds=0.2)), 2),
    "expires in time": (lambda t: t.add.apply_async((1, 1), expires=60), 2),
}


class Tasks:
    """The tasks of the sample application, by the last part of their names."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        return self._app.tasks[f"proj.{name}"]


@pytest.fixture
def tasks(app: Celery, worker: WorkerProcess) -> Tasks:
    return Tasks(app)


@pytest.mark.parametrize("name", WORKS)
def test_it_works_as_with_celery(tasks: Tasks, name: str) -> None:
    call, expected = WORKS[name]

    assert call(tasks).get(timeout=15) == expected


def test_a_callback_gets_the_result(tasks: Tasks, tmp_path: Path) -> None:
    tasks.add.apply_async((1, 2), link=tasks.note.s(str(tmp_path / "told")))

    eventually((tmp_path / "told").exists, claim="the callback")
    assert eventually((tmp_path / "told").read_text) == "3"


def test_an_errback_gets_the_error(tasks: Tasks, tmp_path: Path) -> None:
    result = tasks.boom.apply_async(link_error=tasks.note_error.s(str(tmp_path / "told")))

    eventually((tmp_path / "told").exists, claim="the errback")
    assert eventually((tmp_path / "told").read_text) == f"{result.id} KeyError: 'boom'"


def test_the_rest_of_a_chain_fails_with_the_link_that_failed(app: Celery, tasks: Tasks, redis_store: RedisStore) -> None:
    last = (tasks.boom.s() | tasks.add.s(1) | tasks.add.s(2)).apply_async()

    with pytest.raises(KeyError, match="boom"):
        app.AsyncResult(last.id).get(timeout=10)  # by its id alone, as somebody else would ask
    record = redis_store.run(Read(last.id))
    assert record is not None
    assert record.state is State.FAILED


def test_the_body_of_a_chord_fails_with_its_header(app: Celery, tasks: Tasks) -> None:
    body = chord([tasks.add.s(1, 1), tasks.boom.s()], tasks.total.s()).apply_async()

    with pytest.raises(ChordError, match="boom"):
        app.AsyncResult(body.id).get(timeout=10)


def test_a_group_that_was_saved_is_found_again_by_its_id(app: Celery, tasks: Tasks) -> None:
    saved = group(tasks.add.s(n) for n in range(3)).apply_async()
    saved.save()

    found = app.GroupResult.restore(saved.id)

    assert found.get(timeout=10) == [1, 2, 3]
    found.delete()
    assert app.GroupResult.restore(saved.id) is None


def test_a_task_that_is_too_late_is_revoked(tasks: Tasks) -> None:
    with pytest.raises(TaskRevokedError):
        tasks.add.apply_async((1,), countdown=0.3, expires=0.1).get(timeout=10)


@pytest.mark.parametrize(
    ("numbers", "lane"),
    [((None, 0, 4, 5, 6), Priority.NORMAL), ((7, 8, 9), Priority.HIGH), ((1, 2, 3), Priority.LOW)],
)
def test_priorities_are_mapped_to_the_three_lanes(
    tasks: Tasks, redis_store: RedisStore, numbers: tuple[int | None, ...], lane: Priority
) -> None:
    results = [tasks.add.apply_async((1,), priority=number, countdown=60) for number in numbers]

    records = [redis_store.run(Read(result.id)) for result in results]
    assert [record and record.priority for record in records] == [lane] * len(numbers)


def test_a_handler_has_the_priority_of_its_kind_unless_another_is_given(app: Celery, redis_store: RedisStore) -> None:
    urgent = app.tasks["sample.urgent"]

    results = [urgent.apply_async(countdown=60), urgent.apply_async(countdown=60, priority=1)]

    records = [redis_store.run(Read(result.id)) for result in results]
    assert [record and record.priority for record in records] == [Priority.HIGH, Priority.LOW]


def test_what_is_not_json_is_refused_with_a_sentence(tasks: Tasks) -> None:
    with pytest.raises(Exception, match="only JSON is accepted"):
        tasks.add.apply_async((1,), serializer="pickle", retry=False)
