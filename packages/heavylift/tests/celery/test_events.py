"""Celery's events, as Flower gets them: read by Celery's own receiver from a real Redis."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from celery import Celery

from heavylift.telemetry import AttemptEnded, Started
from heavylift.worker.task_events import LARGEST, TaskEvents
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


class Watcher:
    """Follows the events as Flower does, in a thread, and keeps each of them beside Celery's picture of all."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self.state = app.events.State()
        self.seen: list[dict[str, Any]] = []
        self._receiver = app.events.Receiver(app.connection_for_read(), handlers={"*": self._hear})
        self._thread = threading.Thread(target=self._receiver.capture, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        eventually(lambda: self._app.control.heartbeat() or self.seen, claim="the first heartbeat")
        return self

    def __exit__(self, *_: object) -> None:
        self._receiver.should_stop = True
        self._thread.join(10)
        self._receiver.connection.close()

    def of(self, task_id: str) -> list[str]:
        """The types of the events of a task, in the order in which they came."""
        return [event["type"] for event in self.seen if event.get("uuid") == task_id]

    def last(self, type_: str) -> dict[str, Any]:
        return next((event for event in reversed(self.seen) if event["type"] == type_), {})

    def _hear(self, event: dict[str, Any]) -> None:
        self.seen.append(event)
        self.state.event(event)


@pytest.fixture(scope="module")
def watcher(client: Celery, lasting_worker: WorkerProcess) -> Iterator[Watcher]:
    """Somebody who asked for events."""
    with Watcher(client) as watching:
        client.control.enable_events(reply=True, timeout=5, limit=1)
        yield watching


def test_a_task_is_followed_from_its_start_to_its_result(client: Celery, watcher: Watcher) -> None:
    result = client.signature("proj.add").delay(2, y=3)
    eventually(lambda: watcher.of(result.id)[-1:], holds=lambda seen: seen == ["task-succeeded"], claim="its last event")

    assert watcher.of(result.id) == ["task-received", "task-started", "task-succeeded"]
    task = watcher.state.tasks[result.id]
    assert (task.name, task.args, task.kwargs, task.state, task.result) == ("proj.add", "(2,)", "{'y': 3}", "SUCCESS", "5")
    assert task.worker.hostname.startswith("celery@")
    assert 0 <= task.runtime < 5
    assert task.received <= task.started <= task.succeeded


def test_a_handlers_payload_is_its_argument(client: Celery, watcher: Watcher) -> None:
    result = client.tasks["sample.add"].delay({"a": 4, "b": 5})

    eventually(lambda: watcher.of(result.id)[-1:], holds=lambda seen: seen == ["task-succeeded"], claim="its last event")
    assert watcher.state.tasks[result.id].args == "({'a': 4, 'b': 5},)"


def test_a_failure_is_told_with_its_exception(client: Celery, watcher: Watcher) -> None:
    result = client.signature("proj.boom").delay()

    eventually(lambda: watcher.of(result.id)[-1:], holds=lambda seen: seen == ["task-failed"], claim="its last event")
    assert watcher.state.tasks[result.id].exception.startswith("KeyError(")


def test_every_attempt_is_told(client: Celery, watcher: Watcher) -> None:
    result = client.signature("proj.flaky").delay(2)

    eventually(lambda: watcher.of(result.id)[-1:], holds=lambda seen: seen == ["task-succeeded"], claim="its last event")
    attempt = ["task-received", "task-started"]
    assert watcher.of(result.id) == [*attempt, "task-retried", *attempt, "task-retried", *attempt, "task-succeeded"]
    assert watcher.state.tasks[result.id].retries == 2


def test_a_task_that_waits_and_is_revoked_is_told(client: Celery, watcher: Watcher) -> None:
    result = client.signature("proj.add").apply_async((1,), countdown=60)

    result.revoke()

    eventually(lambda: watcher.of(result.id), holds=lambda seen: seen == ["task-revoked"], claim="the revocation")


def test_a_long_task_is_seen_while_it_runs_and_after_the_death_of_its_child(
    client: Celery, watcher: Watcher, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    result = client.tasks["sample.gate"].delay({"path": str(gate)})
    eventually(lambda: watcher.of(result.id), holds=lambda seen: seen == ["task-received", "task-started"], claim="its start")

    (marker,) = tmp_path.glob("gate.*.running")
    os.kill(int(marker.name.split(".")[1]), signal.SIGKILL)
    eventually(lambda: "task-retried" in watcher.of(result.id), claim="the news of the death")
    (tmp_path / "gate.open").touch()

    assert result.get(timeout=10) == "through"
    eventually(lambda: watcher.of(result.id)[-1], holds=lambda seen: seen == "task-succeeded", claim="its last event")
    retried = next(event for event in watcher.seen if event["type"] == "task-retried" and event["uuid"] == result.id)
    assert "killed by SIGKILL" in retried["exception"]


def test_heartbeats_tell_how_much_runs_and_was_done(client: Celery, watcher: Watcher, tmp_path: Path) -> None:
    asked = time.time()
    client.control.heartbeat()
    fresh = eventually(
        lambda: watcher.last("worker-heartbeat"), holds=lambda beat: beat["timestamp"] >= asked, claim="a heartbeat of now"
    )
    before = fresh["processed"]
    results = [client.tasks["sample.gate"].delay({"path": str(tmp_path / "gate")}) for _ in range(2)]
    results += [client.tasks["sample.wait_async"].delay({"seconds": 4}) for _ in range(3)]

    eventually(lambda: watcher.last("worker-heartbeat")["active"], holds=lambda seen: seen == 5, claim="five tasks at work")
    (tmp_path / "gate.open").touch()
    for result in results:
        result.get(timeout=10)
    eventually(
        lambda: watcher.last("worker-heartbeat"),
        holds=lambda beat: (beat["active"], beat["processed"]) == (0, before + 5),
        claim="five tasks done",
    )
    (online,) = [w for w in watcher.state.workers.values() if w.alive]
    assert online.sw_ident == "py-celery"


def test_who_does_not_ask_gets_no_events(client: Celery, watcher: Watcher) -> None:
    before = _ends_that_the_worker_heard(client)
    client.control.disable_events(reply=True, timeout=5, limit=1)
    try:
        unseen = client.signature("proj.add").delay(1)
        unseen.get(timeout=10)
        eventually(lambda: _ends_that_the_worker_heard(client) > before, claim="the end, which a caller may hear of sooner")
    finally:
        client.control.enable_events(reply=True, timeout=5, limit=1)
    seen = client.signature("proj.add").delay(1)
    eventually(lambda: watcher.of(seen.id)[-1:], holds=lambda told: told == ["task-succeeded"], claim="events again")

    assert watcher.of(unseen.id) == []


def _ends_that_the_worker_heard(client: Celery) -> int:
    (stats,) = client.control.inspect(timeout=5, limit=1).stats().values()
    return int(stats["total"].get("proj.add", 0))


STARTED = Started(task_id="1", kind="a.b", queue="default", attempt=1, queued_at=0.0, started_at=0.0, payload='{"args": [')
ENDED = AttemptEnded(
    task_id="1", kind="a.b", queue="default", attempt=1, result="success", duration=0.1, since_submit=0.2, returned="1"
)


def test_events_that_cannot_be_sent_are_lost_and_take_no_more_memory_than_a_bound(client: Celery) -> None:
    nowhere = Celery("nowhere", set_as_current=False, broker="redis://127.0.0.1:1/0")
    wanted: list[bool] = []
    events = TaskEvents(nowhere, hostname="w", want_detail=wanted.append)
    events(STARTED)
    assert events.send() > 0  # nothing waits, as nobody asked

    events.enable()
    for number in range(LARGEST):
        events(Started(task_id=str(number), kind="a.b", queue="default", attempt=1, queued_at=0.0, started_at=0.0))
    assert len(events._waiting) == LARGEST
    assert events.send() > 0

    events.disable()
    assert wanted == [True, False]
    assert events._running == {}


def test_arguments_that_were_cut_off_are_shown_as_they_are() -> None:
    events = TaskEvents(Celery("nowhere", set_as_current=False), hostname="w", want_detail=lambda _: None)
    events.enable()

    events(STARTED)

    (_, received), _ = events._waiting
    assert (received["args"], received["kwargs"]) == ('{"args": […', "{}")
