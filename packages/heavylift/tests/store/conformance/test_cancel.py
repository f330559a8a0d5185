"""Calling a task off, wherever it is."""

from typing import Any

from heavylift.outcome import Succeeded
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import CancelReply


def test_a_queued_task_is_cancelled_at_once_and_never_claimed(subject: Any) -> None:
    id_ = subject.submit().id

    assert subject.run(calls.Cancel(id_)) == CancelReply(State.CANCELLED, changed=True)

    assert subject.record(id_).ended_at is not None
    subject.register()
    assert subject.claim(10) == []


def test_a_scheduled_task_is_cancelled_at_once_and_never_promoted(subject: Any) -> None:
    id_ = subject.submit(delay=0.02).id

    assert subject.run(calls.Cancel(id_)) == CancelReply(State.CANCELLED, changed=True)

    subject.elapse(0.02)
    assert subject.run(calls.Promote()) == calls.Promoted((), (), None)


def test_a_running_task_is_only_asked_to_end(subject: Any) -> None:
    delivery = subject.take()
    assert not subject.record(delivery.id).cancel_requested

    assert subject.run(calls.Cancel(delivery.id)) == CancelReply(State.RUNNING, changed=True)

    record = subject.record(delivery.id)
    assert (record.state, record.cancel_requested) == (State.RUNNING, True)


def test_asking_twice_changes_nothing(subject: Any) -> None:
    delivery = subject.take()
    subject.run(calls.Cancel(delivery.id))

    assert subject.run(calls.Cancel(delivery.id)) == CancelReply(State.RUNNING, changed=False)


def test_a_task_that_was_asked_to_end_may_still_succeed(subject: Any) -> None:
    delivery = subject.take()
    subject.run(calls.Cancel(delivery.id))

    assert subject.end(delivery, Succeeded("1"))
    assert subject.state(delivery.id) is State.SUCCEEDED


def test_a_task_that_has_ended_is_left_as_it_is(subject: Any) -> None:
    delivery = subject.take()
    subject.succeed(delivery, "1")

    assert subject.run(calls.Cancel(delivery.id)) == CancelReply(State.SUCCEEDED, changed=False)
    assert subject.record(delivery.id).result == 1


def test_a_task_that_never_was_cannot_be_cancelled(subject: Any) -> None:
    assert subject.run(calls.Cancel("no-such-task")) is None
