"""What waits for its time may be let begin now."""

from typing import Any

from heavylift.outcome import Failure, Retry
from heavylift.record import Priority
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Moved

TORN = Failure("OSError", "it tore", retryable=True)
QUEUED = Moved(State.QUEUED, changed=True)


def hasten(subject: Any, *ids: str, **more: Any) -> list[Moved | None]:
    return list(subject.run(calls.Hasten(ids, **more)))


def test_a_task_that_waits_for_its_delay_begins_now(subject: Any) -> None:
    subject.register()
    id_ = subject.submit(delay=3600, priority=Priority.HIGH).id
    before = subject.now()

    assert hasten(subject, id_) == [QUEUED]

    record = subject.record(id_)
    assert before <= record.due_at == record.queued_at <= subject.now()
    assert subject.run(calls.Promote()) == calls.Promoted((), (), None)
    assert [(delivery.id, delivery.attempt) for delivery in subject.claim()] == [(id_, 1)]


def test_a_task_that_waits_for_its_next_attempt_has_it_now_and_it_counts_as_that(subject: Any) -> None:
    first = subject.take(max_attempts=3)
    subject.end(first, Retry(3600, TORN))

    assert hasten(subject, first.id) == [QUEUED]

    (second,) = subject.claim()
    assert (second.id, second.attempt, second.fence) == (first.id, 2, 2)


def test_what_does_not_wait_for_its_time_stays_as_it_is(subject: Any) -> None:
    ended = subject.take()
    subject.succeed(ended)
    running = subject.take().id
    queued = subject.submit().id

    assert hasten(subject, running, ended.id, queued, "nobody") == [
        Moved(State.RUNNING, changed=False),
        Moved(State.SUCCEEDED, changed=False),
        Moved(State.QUEUED, changed=False),
        None,
    ]


def test_asking_twice_puts_a_task_into_its_queue_once(subject: Any) -> None:
    subject.register()
    id_ = subject.submit(delay=3600).id

    assert hasten(subject, id_, id_) == [QUEUED, Moved(State.QUEUED, changed=False)]

    assert [delivery.id for delivery in subject.claim(9)] == [id_]


def test_the_tasks_of_another_tenant_are_out_of_reach(subject: Any) -> None:
    theirs, nobodys = subject.submit(delay=60, tenant="acme").id, subject.submit(delay=60).id

    assert hasten(subject, theirs, nobodys, reach="other") == [None, None]
    assert hasten(subject, theirs, nobodys, reach="acme") == [QUEUED, None]
    assert hasten(subject, nobodys, reach="") == [QUEUED]


def test_many_are_called_off_at_once_each_as_if_it_were_alone(subject: Any) -> None:
    running, waiting = subject.take().id, subject.submit(delay=60).id

    assert subject.run(calls.CancelMany((running, waiting, "nobody", waiting))) == (
        Moved(State.RUNNING, changed=True),
        Moved(State.CANCELLED, changed=True),
        None,
        Moved(State.CANCELLED, changed=False),
    )
