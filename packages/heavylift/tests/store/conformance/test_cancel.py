"""Calling a task off, wherever it is."""

from typing import Any

import pytest

from heavylift.outcome import Failed, Failure, Outcome, Retry, Succeeded
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Moved, Orders

BROKEN = Failure("ValueError", "it broke", retryable=True)


def test_a_queued_task_is_cancelled_at_once_and_never_claimed(subject: Any) -> None:
    id_ = subject.submit().id

    assert subject.run(calls.Cancel(id_)) == Moved(State.CANCELLED, changed=True)

    assert subject.record(id_).ended_at is not None
    subject.register()
    assert subject.claim(10) == []


def test_a_scheduled_task_is_cancelled_at_once_and_never_promoted(subject: Any) -> None:
    id_ = subject.submit(delay=0.02).id

    assert subject.run(calls.Cancel(id_)) == Moved(State.CANCELLED, changed=True)

    subject.elapse(0.02)
    assert subject.run(calls.Promote()) == calls.Promoted((), (), None)


def test_a_running_task_is_only_asked_to_end(subject: Any) -> None:
    delivery = subject.take()
    assert not subject.record(delivery.id).cancel_requested

    assert subject.run(calls.Cancel(delivery.id)) == Moved(State.RUNNING, changed=True)

    record = subject.record(delivery.id)
    assert (record.state, record.cancel_requested) == (State.RUNNING, True)


def test_asking_twice_changes_nothing(subject: Any) -> None:
    delivery = subject.take()
    subject.run(calls.Cancel(delivery.id))

    assert subject.run(calls.Cancel(delivery.id)) == Moved(State.RUNNING, changed=False)


def test_a_task_that_was_asked_to_end_may_still_succeed(subject: Any) -> None:
    delivery = subject.take()
    subject.run(calls.Cancel(delivery.id))

    assert subject.end(delivery, Succeeded("1"))
    assert subject.state(delivery.id) is State.SUCCEEDED


@pytest.mark.parametrize("outcome", [Failed(BROKEN), Retry(0.0, BROKEN)], ids=["failed", "retry"])
def test_a_task_that_fails_after_it_was_asked_to_end_is_cancelled_and_keeps_its_error(subject: Any, outcome: Outcome) -> None:
    delivery = subject.take()
    subject.run(calls.Cancel(delivery.id))

    assert (subject.end(delivery, outcome), subject.end(delivery, outcome)) == (True, True)  # the answer may have got lost

    record = subject.record(delivery.id)
    assert (record.state, record.error["message"]) == (State.CANCELLED, "it broke")
    assert (subject.counts().cancelled, subject.counts().failed) == (1, 0)


def test_a_worker_hears_which_of_its_tasks_are_to_be_cancelled_until_they_have_ended(subject: Any) -> None:
    first, second = subject.take("w1"), subject.take("w2")
    subject.submit()
    (left_alone,) = subject.claim(by="w1")
    for delivery in (first, second):
        subject.run(calls.Cancel(delivery.id))

    orders = subject.run(calls.Renew(("w1", "w2"), 60))

    assert orders == Orders(cancelled={"w1": frozenset({first.id}), "w2": frozenset({second.id})})
    assert subject.run(calls.Renew(("w1",), 60)) == Orders(cancelled={"w1": frozenset({first.id})})
    for delivery in (first, left_alone):
        subject.succeed(delivery)
    assert subject.run(calls.Renew(("w1",), 60)) == Orders()


def test_a_worker_does_not_hear_of_what_was_handed_on_to_another(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.run(calls.Cancel(delivery.id))
    subject.hand_on("w1")

    subject.register("w1")

    assert subject.run(calls.Renew(("w1",), 60)) == Orders()


def test_a_task_that_has_ended_is_left_as_it_is(subject: Any) -> None:
    delivery = subject.take()
    subject.succeed(delivery, "1")

    assert subject.run(calls.Cancel(delivery.id)) == Moved(State.SUCCEEDED, changed=False)
    assert subject.record(delivery.id).result == 1


def test_a_task_that_never_was_cannot_be_cancelled(subject: Any) -> None:
    assert subject.run(calls.Cancel("no-such-task")) is None
