"""Every arrow of the table, with every cause, followed from end to end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from heavylift.outcome import Cancelled, Failed, Failure, Retry, Succeeded
from heavylift.state import TRANSITIONS, Cause, State
from heavylift.store import calls

SOON = 0.02  # seconds
BROKEN = Failure("ValueError", "it broke", retryable=True)

Drive = Callable[[Any], tuple[str, Callable[[], object]]]  #: Brings a task to the tail of an arrow; what moves it on.


def _scheduled(subject: Any, **fields: Any) -> str:
    return str(subject.submit(delay=SOON, **fields).id)


def _due(subject: Any) -> Any:
    id_ = _scheduled(subject)
    subject.elapse(SOON)
    return id_, lambda: subject.run(calls.Promote())


def _hastened(subject: Any) -> Any:
    id_ = subject.submit(delay=60).id
    return id_, lambda: subject.run(calls.Hasten((id_,)))


def _scheduled_is_cancelled(subject: Any) -> Any:
    id_ = _scheduled(subject)
    return id_, lambda: subject.run(calls.Cancel(id_))


def _scheduled_expires(subject: Any) -> Any:
    id_ = subject.submit(delay=60, expires_at=subject.now() + timedelta(seconds=SOON)).id
    subject.elapse(SOON)
    return id_, lambda: subject.run(calls.Promote())


def _claimed(subject: Any) -> Any:
    subject.register()
    return subject.submit().id, subject.claim


def _queued_is_cancelled(subject: Any) -> Any:
    id_ = subject.submit().id
    return id_, lambda: subject.run(calls.Cancel(id_))


def _queued_expires(subject: Any) -> Any:
    id_ = subject.submit(expires_at=subject.now() + timedelta(seconds=SOON)).id
    subject.elapse(SOON)
    return id_, lambda: subject.run(calls.Promote())


def _ends(outcome: Any) -> Drive:
    def drive(subject: Any) -> Any:
        delivery = subject.take()
        return delivery.id, lambda: subject.end(delivery, outcome)

    return drive


def _quarantined(subject: Any) -> Any:
    return subject.take("w1").id, lambda: subject.hand_on("w1", max_deaths=1)


def _called_off_and_handed_on(subject: Any) -> Any:
    delivery = subject.take("w1")
    subject.run(calls.Cancel(delivery.id))
    return delivery.id, lambda: subject.hand_on("w1")


def _handed_on(subject: Any) -> Any:
    return subject.take("w1").id, lambda: subject.hand_on("w1")


def _replayed(first_due: float) -> Drive:
    def drive(subject: Any) -> Any:
        delivery = subject.take()
        subject.end(delivery, Failed(BROKEN))
        due = subject.now() + timedelta(seconds=first_due)
        return delivery.id, lambda: subject.run(calls.Replay((delivery.id,), due))

    return drive


ARROWS: Final[dict[tuple[State, State, Cause], Drive]] = {
    (State.SCHEDULED, State.QUEUED, Cause.DUE): _due,
    (State.SCHEDULED, State.QUEUED, Cause.HASTENED): _hastened,
    (State.SCHEDULED, State.CANCELLED, Cause.CANCELLED): _scheduled_is_cancelled,
    (State.SCHEDULED, State.EXPIRED, Cause.EXPIRED): _scheduled_expires,
    (State.QUEUED, State.RUNNING, Cause.CLAIMED): _claimed,
    (State.QUEUED, State.CANCELLED, Cause.CANCELLED): _queued_is_cancelled,
    (State.QUEUED, State.EXPIRED, Cause.EXPIRED): _queued_expires,
    (State.RUNNING, State.SUCCEEDED, Cause.COMPLETED): _ends(Succeeded("1")),
    (State.RUNNING, State.FAILED, Cause.COMPLETED): _ends(Failed(BROKEN)),
    (State.RUNNING, State.FAILED, Cause.HANDED_ON): _quarantined,
    (State.RUNNING, State.CANCELLED, Cause.COMPLETED): _ends(Cancelled()),
    (State.RUNNING, State.CANCELLED, Cause.HANDED_ON): _called_off_and_handed_on,
    (State.RUNNING, State.SCHEDULED, Cause.RETRIED): _ends(Retry(60, BROKEN)),
    (State.RUNNING, State.QUEUED, Cause.HANDED_ON): _handed_on,
    (State.FAILED, State.QUEUED, Cause.REPLAYED): _replayed(0),
    (State.FAILED, State.SCHEDULED, Cause.REPLAYED): _replayed(60),
}


def test_every_arrow_of_the_table_is_tried_here_with_every_cause() -> None:
    table = {(origin, target, cause) for (origin, target), causes in TRANSITIONS.items() for cause in causes}

    assert set(ARROWS) == table


@pytest.mark.parametrize("arrow", ARROWS, ids=lambda arrow: f"{arrow[0]} to {arrow[1]}, {arrow[2]}")
def test_the_arrow_is_followed(subject: Any, arrow: tuple[State, State, Cause]) -> None:
    origin, target, _ = arrow
    id_, move = ARROWS[arrow](subject)
    assert subject.state(id_) is origin

    move()

    record = subject.record(id_)
    assert record.state is target
    assert record.ended == (record.ended_at is not None)
    assert [r.id for r in subject.run(calls.List(state=target)).records] == [id_]
    assert subject.run(calls.List(state=origin)).records == ()
