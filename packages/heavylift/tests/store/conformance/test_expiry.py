"""Tasks that did not start in the time that they were given."""

from datetime import timedelta
from typing import Any

from heavylift.outcome import Failure, Retry
from heavylift.state import State
from heavylift.store import calls

SOON = 0.03  # seconds
LATER = 0.4  # seconds in which a task is claimed for sure


def _in(subject: Any, seconds: float) -> Any:
    return subject.now() + timedelta(seconds=seconds)


def test_a_queued_task_expires(subject: Any) -> None:
    id_ = subject.submit(expires_at=_in(subject, SOON)).id
    subject.elapse(SOON)

    assert subject.run(calls.Promote()) == calls.Promoted((), (id_,), None)

    record = subject.record(id_)
    assert (record.state, record.ended_at is not None) == (State.EXPIRED, True)
    subject.register()
    assert subject.claim(10) == []


def test_a_scheduled_task_expires_before_its_time(subject: Any) -> None:
    id_ = subject.submit(delay=60, expires_at=_in(subject, SOON)).id
    subject.elapse(SOON)

    assert subject.run(calls.Promote()) == calls.Promoted((), (id_,), None)
    assert subject.state(id_) is State.EXPIRED


def test_a_task_that_is_due_and_too_late_expires(subject: Any) -> None:
    id_ = subject.submit(delay=SOON, expires_at=_in(subject, SOON)).id
    subject.elapse(2 * SOON)

    assert subject.run(calls.Promote()) == calls.Promoted((), (id_,), None)


def test_a_task_that_is_too_late_expires_when_it_would_be_claimed(subject: Any) -> None:
    late = subject.submit(expires_at=_in(subject, SOON)).id
    good = subject.submit().id
    subject.elapse(SOON)
    subject.register()

    assert [d.id for d in subject.claim(1)] == [good]
    assert subject.state(late) is State.EXPIRED
    assert subject.counts().expired == 1


def test_a_task_that_a_wait_has_taken_too_late_expires(subject: Any) -> None:
    id_ = subject.submit(expires_at=_in(subject, SOON)).id
    subject.register()
    waiting = subject.wait("w1")
    subject.elapse(SOON)

    assert subject.claim(waiting=waiting) == []
    assert subject.state(id_) is State.EXPIRED


def test_a_task_that_started_in_time_does_not_expire(subject: Any) -> None:
    subject.register()
    delivery = subject.take(expires_at=_in(subject, LATER))
    assert subject.run(calls.Promote()).next_due is None  # nothing is waited for any more
    subject.elapse(LATER)

    assert subject.run(calls.Promote()).expired == ()
    assert subject.state(delivery.id) is State.RUNNING


def test_a_task_once_claimed_does_not_expire_on_its_way_back(subject: Any, broken: Failure) -> None:
    first = subject.take("w1", expires_at=_in(subject, LATER))
    second = subject.take("w2", expires_at=_in(subject, LATER))
    subject.release(first)
    subject.end(second, Retry(0, broken))
    subject.elapse(LATER)

    assert subject.run(calls.Promote()).expired == ()

    subject.register("w3")
    assert {d.id for d in subject.claim(10, by="w3")} == {first.id, second.id}


def test_the_next_time_is_the_sooner_of_due_and_too_late(subject: Any) -> None:
    subject.submit(delay=60, expires_at=_in(subject, 30))

    assert 29 < subject.run(calls.Promote()).next_due <= 30


def test_expiry_stops_at_its_count(subject: Any) -> None:
    subject.submit_many(5, expires_at=_in(subject, SOON))
    subject.elapse(SOON)

    assert len(subject.run(calls.Promote(count=3)).expired) == 3
    assert len(subject.run(calls.Promote(count=3)).expired) == 2
