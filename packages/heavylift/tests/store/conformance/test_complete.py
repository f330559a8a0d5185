"""running → succeeded | failed | cancelled."""

from typing import Any

import pytest

from heavylift.outcome import Cancelled, Failed, Failure, Succeeded
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Ended


def test_a_result_is_committed_with_the_end(subject: Any) -> None:
    delivery = subject.take()

    assert subject.succeed(delivery, '{"width": 640, "name": "größe"}')

    record = subject.record(delivery.id)
    assert (record.state, record.ended) == (State.SUCCEEDED, True)
    assert record.result == {"width": 640, "name": "größe"}
    assert record.error is None
    assert record.ended_at >= record.started_at


@pytest.mark.parametrize("result", ["null", "0", '""', "[]", "{}", "false"])
def test_an_empty_result_is_a_result(subject: Any, result: str) -> None:
    delivery = subject.take()

    assert subject.succeed(delivery, result)
    assert subject.record(delivery.id).result == {"null": None, "0": 0, '""': "", "[]": [], "{}": {}, "false": False}[result]


def test_a_failure_is_kept_in_full(subject: Any) -> None:
    delivery = subject.take()
    failure = Failure("PayloadInvalid", "width: too small", retryable=False, details=({"loc": ["width"]},), traceback="Traceback")

    assert subject.end(delivery, Failed(failure))

    record = subject.record(delivery.id)
    assert (record.state, record.result) == (State.FAILED, None)
    assert record.error == failure.as_json()


def test_a_task_may_end_as_cancelled(subject: Any) -> None:
    delivery = subject.take()

    assert subject.end(delivery, Cancelled())
    assert subject.state(delivery.id) is State.CANCELLED


@pytest.mark.parametrize("outcome", [Succeeded("1"), Cancelled(), Failed(Failure("E", "m", retryable=False))])
def test_repeating_an_end_under_the_same_fence_is_committed_already(subject: Any, outcome: Any) -> None:
    delivery = subject.take()

    assert subject.end(delivery, outcome)
    before = subject.record(delivery.id)

    assert subject.end(delivery, outcome)
    assert subject.record(delivery.id) == before


def test_another_end_under_the_same_fence_is_refused(subject: Any) -> None:
    delivery = subject.take()
    subject.succeed(delivery)

    assert not subject.end(delivery, Cancelled())
    assert subject.state(delivery.id) is State.SUCCEEDED


def test_tasks_that_ended_together_are_answered_in_their_order(subject: Any, broken: Failure) -> None:
    subject.submit_many(4)
    subject.register()
    a, b, c, d = subject.claim(4)
    ends = (
        Ended(a.id, a.fence, Succeeded("1")),
        Ended(b.id, b.fence + 1, Succeeded("2")),
        Ended(c.id, c.fence, Failed(broken)),
        Ended("no-such-task", 1, Succeeded("3")),
        Ended(d.id, d.fence, Cancelled()),
    )

    assert subject.run(calls.Complete(ends)) == (True, False, True, False, True)
    assert [subject.state(x.id) for x in (a, b, c, d)] == [State.SUCCEEDED, State.RUNNING, State.FAILED, State.CANCELLED]


def test_an_ended_task_leaves_nothing_in_the_hands_of_its_worker(subject: Any) -> None:
    subject.succeed(subject.take("w1"))

    assert subject.hand_on("w1").requeued == ()
    assert subject.counts().running == 0


def test_an_end_and_the_next_claim_ride_in_one_round_trip(subject: Any) -> None:
    first = subject.take()
    second = subject.submit()

    (committed,), (delivery,) = subject.run_all(
        [calls.Complete((Ended(first.id, first.fence, Succeeded("1")),)), calls.Claim.of("w1", ("default",))]
    )

    assert committed
    assert delivery.id == second.id


def test_reading_a_task_that_never_was_answers_none(subject: Any) -> None:
    assert subject.run(calls.Read("no-such-task")) is None
