"""running → scheduled → queued: another attempt, and delays."""

from typing import Any

from heavylift.outcome import Failure, Retry, Succeeded
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Ended

SOON = 0.03  # seconds


def test_a_failed_attempt_waits_for_its_time_and_then_runs_as_the_next(subject: Any, broken: Failure) -> None:
    delivery = subject.take(max_attempts=3)

    assert subject.end(delivery, Retry(SOON, broken))

    record = subject.record(delivery.id)
    assert (record.state, record.attempt, record.worker, record.error) == (State.SCHEDULED, 2, None, broken.as_json())
    assert subject.claim(10) == []
    subject.elapse(SOON)
    assert subject.run(calls.Promote()).promoted == (delivery.id,)
    (again,) = subject.claim(10)
    assert (again.id, again.attempt, again.fence, again.max_attempts) == (delivery.id, 2, 2, 3)


def test_another_attempt_may_follow_with_another_payload(subject: Any, broken: Failure) -> None:
    delivery = subject.take(payload='{"page": 1}')

    assert subject.end(delivery, Retry(0, broken, payload='{"page": 2}'))

    subject.elapse(0.001)
    subject.run(calls.Promote())
    (again,) = subject.claim()
    assert (again.id, again.payload, subject.record(again.id).payload) == (delivery.id, '{"page": 2}', '{"page": 2}')


def test_a_stale_worker_does_not_change_the_payload(subject: Any, broken: Failure) -> None:
    stale = subject.take("w1", payload='{"page": 1}')
    subject.hand_on("w1")

    assert not subject.end(stale, Retry(0, broken, payload='{"page": 2}'))
    assert subject.record(stale.id).payload == '{"page": 1}'


def test_a_retry_needs_the_fence(subject: Any, broken: Failure) -> None:
    stale = subject.take("w1")
    subject.hand_on("w1")
    subject.register("w2")
    (current,) = subject.claim(by="w2")

    assert not subject.end(stale, Retry(0, broken))
    assert (subject.state(current.id), subject.record(current.id).attempt) == (State.RUNNING, 1)


def test_repeating_a_retry_under_the_same_fence_is_committed_already(subject: Any, broken: Failure) -> None:
    delivery = subject.take()

    assert subject.end(delivery, Retry(60, broken))
    assert subject.end(delivery, Retry(60, broken))

    assert subject.record(delivery.id).attempt == 2
    assert subject.counts().retried == 1


def test_retries_are_answered_in_their_order(subject: Any, broken: Failure) -> None:
    subject.submit_many(2)
    subject.register()
    a, b = subject.claim(2)

    ends = (Ended(a.id, a.fence + 1, Retry(1, broken)), Ended(b.id, b.fence, Retry(1, broken)))

    assert subject.run(calls.Reschedule(ends)) == (False, True)


def test_ends_of_both_kinds_are_carried_by_the_calls_that_they_need(subject: Any, broken: Failure) -> None:
    subject.submit_many(2)
    subject.register()
    a, b = subject.claim(2)
    ends = [Ended(a.id, a.fence, Retry(60, broken)), Ended(b.id, b.fence, Succeeded("1"))]

    assert subject.run_all(list(calls.conclusions_of(ends))) == [(True,), (True,)]
    assert (subject.state(a.id), subject.state(b.id)) == (State.SCHEDULED, State.SUCCEEDED)


def test_a_task_that_was_asked_to_end_is_not_tried_again(subject: Any, broken: Failure) -> None:
    delivery = subject.take()
    subject.run(calls.Cancel(delivery.id))

    assert subject.end(delivery, Retry(0, broken))

    record = subject.record(delivery.id)
    assert (record.state, record.attempt, record.error) == (State.CANCELLED, 1, broken.as_json())
    assert subject.counts().retried == 0


def test_a_task_is_not_promoted_before_its_time(subject: Any) -> None:
    id_ = subject.submit(delay=60).id

    promoted = subject.run(calls.Promote())

    assert promoted.promoted == ()
    assert 59 < promoted.next_due <= 60
    assert subject.state(id_) is State.SCHEDULED


def test_with_nothing_scheduled_there_is_no_next_time(subject: Any) -> None:
    subject.submit()

    assert subject.run(calls.Promote()) == calls.Promoted((), (), None)


def test_due_tasks_are_promoted_in_the_order_of_their_times(subject: Any) -> None:
    later, sooner = subject.submit(delay=2 * SOON).id, subject.submit(delay=SOON).id
    subject.elapse(2 * SOON)

    assert subject.run(calls.Promote()).promoted == (sooner, later)

    subject.register()
    assert [d.id for d in subject.claim(10)] == [sooner, later]


def test_promotion_stops_at_its_count_and_says_that_more_is_due(subject: Any) -> None:
    subject.submit_many(5, delay=SOON)
    subject.elapse(SOON)

    first = subject.run(calls.Promote(count=3))

    assert (len(first.promoted), first.next_due) == (3, 0)
    assert len(subject.run(calls.Promote(count=3)).promoted) == 2


def test_a_promoted_task_waits_in_the_lane_of_its_priority(subject: Any) -> None:
    delayed = subject.submit(delay=SOON, priority="high").id
    normal = subject.submit().id
    subject.elapse(SOON)
    subject.run(calls.Promote())
    subject.register()

    assert [d.id for d in subject.claim(2)] == [delayed, normal]
