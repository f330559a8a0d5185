"""Following a task to its end."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from packages.heavylift.tests.client.conformance.conftest import Worker
from pydantic import BaseModel

from heavylift import task
from heavylift.client import TaskCalledOff, TaskExpired, TaskFailed, WaitOver
from heavylift.client.errors import TaskEnded, TaskUnknown
from heavylift.client.values import DroppedEvent, EndEvent, LogEvent, ProgressEvent, StateEvent
from heavylift.outcome import Succeeded
from heavylift.record import new_task_id
from heavylift.state import State


class Nothing(BaseModel):
    pass


class Sum(BaseModel):
    total: int


@task(name="demo.anything")
def add(payload: Nothing) -> Sum:
    return Sum(total=0)


def soon(do: Callable[[], Any]) -> threading.Thread:
    """Have something happen while somebody waits."""

    def later() -> None:
        time.sleep(0.1)
        do()

    thread = threading.Thread(target=later)
    thread.start()
    return thread


def test_a_task_is_told_as_it_is(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", {"n": 1}, queue=queue, tags=["x"])
    assert handle.read().state is State.QUEUED

    worker.succeed({"sum": 3})

    task = handle.read()
    assert (task.id, task.state, task.ended, task.result) == (handle.id, State.SUCCEEDED, True, {"sum": 3})
    assert (task.payload, task.tags, task.queue, task.attempt, task.worker) == ({"n": 1}, ("x",), queue, 1, queue)
    assert task.started_at is not None
    assert task.ended_at is not None
    assert task.submitted_at <= task.started_at <= task.ended_at
    assert (task.trace_id or "") == handle.receipt.trace_id


def test_nobody_tells_of_a_task_that_never_was(client: Any) -> None:
    handle = client.task(new_task_id())

    for ask in (handle.read, handle.wait, handle.result, handle.attempts, handle.why):
        with pytest.raises(TaskUnknown):
            ask()
    with pytest.raises(TaskUnknown):
        next(iter(handle.events()))
    with pytest.raises(TaskUnknown):
        next(iter(handle.logs()))


def test_nobody_acts_on_a_task_that_never_was(operator: Any) -> None:
    handle = operator.task(new_task_id())

    for ask in (handle.cancel, handle.replay, handle.discard):
        with pytest.raises(TaskUnknown):
            ask()


def test_who_waits_learns_of_the_end_when_it_comes(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)
    ending = soon(worker.succeed)

    task = handle.wait(20)

    ending.join()
    assert task.state is State.SUCCEEDED
    assert handle.wait().ended


def test_who_waits_in_vain_is_told_how_it_is_when_the_time_is_over(client: Any, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)

    assert handle.wait(0).state is State.QUEUED
    assert handle.wait(0.05).state is State.QUEUED
    with pytest.raises(WaitOver, match=r"is queued after 0\.05 s; it goes on"):
        handle.result(timeout=0.05)


def test_a_result_is_what_the_function_returned_in_its_own_type(client: Any, worker: Worker, queue: str) -> None:
    plain, typed = client.submit("demo.anything", queue=queue), client.submit(add, queue=queue)
    worker.succeed({"total": 3})
    worker.succeed({"total": 4})

    assert plain.result(10) == {"total": 3}
    assert typed.result(10) == Sum(total=4)


def test_a_failure_is_raised_with_its_error(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)
    worker.fail("no such file")

    with pytest.raises(TaskFailed, match=r"has ended as failed: ValueError: no such file") as failed:
        handle.result(10)

    error = failed.value.error
    assert error is not None
    assert (error.type, error.message, error.retryable, error.traceback) == ("ValueError", "no such file", False, "Traceback: …")
    assert failed.value.task.reason == "permanent"
    (attempt,) = handle.attempts()
    assert (attempt.fate, attempt.error_type, attempt.attempt) == ("failed", "ValueError", 1)


def test_a_task_that_was_called_off_or_came_too_late_is_told_apart(operator: Any, worker: Worker, queue: str) -> None:
    off, late = operator.submit("demo.anything", queue=queue), operator.submit("demo.anything", queue=queue, expires=0.001)

    assert off.cancel().state is State.CANCELLED
    with pytest.raises(TaskCalledOff):
        off.result(10)
    operator.submit("demo.anything", queue=queue)
    worker.succeed()  # who claims finds that the one before has expired
    with pytest.raises(TaskExpired):
        late.result(10)


def test_a_task_that_runs_is_asked_to_end_and_one_that_has_ended_is_not(operator: Any, worker: Worker, queue: str) -> None:
    handle = operator.submit("demo.anything", queue=queue)
    delivery = worker.take()

    asked = handle.cancel()
    assert (asked.state, asked.cancel_requested) == (State.RUNNING, True)
    assert handle.cancel().cancel_requested

    worker.end(delivery, Succeeded("1"))
    with pytest.raises(TaskEnded) as refused:
        handle.cancel()
    assert refused.value.state is State.SUCCEEDED


def test_why_says_what_a_task_waits_for(client: Any, worker: Worker, queue: str) -> None:
    first = client.submit("demo.anything", queue=queue)
    assert first.why().waits_for == "no_worker"

    worker.succeed()
    second = client.submit("demo.anything", queue=queue)

    told = second.why()
    assert (told.waits_for, told.ahead, told.workers, told.state) == ("next", 0, 1, State.QUEUED)
    assert told.estimate is not None
    assert queue in told.reason
    assert first.why().waits_for is None


def test_all_that_becomes_of_a_task_is_told_once_and_in_order(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)
    with handle.events() as events:
        first = next(events)
        assert (first.id, first.state) == ("0.0", State.QUEUED)
        delivery = worker.take()
        worker.log(delivery, (1, "one"), (3, "three"))
        worker.say(delivery, 4.0)
        worker.end(delivery, Succeeded('{"sum": 3}'))

        rest = list(events)

    assert [type(event) for event in rest if not isinstance(event, ProgressEvent)] == [
        *(StateEvent, LogEvent, DroppedEvent, LogEvent, StateEvent, EndEvent)
    ]
    running, one, dropped, three, over, end = (event for event in rest if not isinstance(event, ProgressEvent))
    assert (running.state, over.state, over.run) == (State.RUNNING, State.SUCCEEDED, 1)
    assert (one.message, three.message, three.fields, dropped.lines, dropped.id) == ("one", "three", {"n": 3}, 1, None)
    assert (end.task.id, end.task.state, end.result) == (handle.id, State.SUCCEEDED, {"sum": 3})
    assert {event.progress["done"] for event in rest if isinstance(event, ProgressEvent)} == {4.0}
    ids = [event.id for event in rest if event.id]
    assert len(ids) == len(set(ids))


def test_who_comes_back_is_told_what_is_behind_the_last_event(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)
    worker.succeed()
    everything = list(handle.events())

    for number, event in enumerate(everything):
        assert list(handle.events(after=event.id)) == everything[number + 1 :]


def test_events_come_while_one_waits_for_them(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)
    ending = soon(worker.succeed)

    told = list(handle.events())

    ending.join()
    assert [event.state for event in told if isinstance(event, StateEvent)] == [State.QUEUED, State.RUNNING, State.SUCCEEDED]
    assert isinstance(told[-1], EndEvent)


def test_what_was_logged_is_read_over_all_pages(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)
    delivery = worker.take()
    for number in range(1, 40):
        worker.log(delivery, (number, f"line {number}"))

    lines = list(handle.logs())
    assert [line.message for line in lines] == [f"line {number}" for number in range(1, 40)]
    assert [line.message for line in handle.logs(after=lines[-2].id)] == ["line 39"]
    assert list(handle.logs(level="error")) == []
