"""Tasks that wait until nobody has asked for them for a while."""

from datetime import timedelta
from typing import Any

from heavylift.idempotency import Debounce, IdempotencyKey
from heavylift.record import Accepted, Standing, Submission
from heavylift.state import State
from heavylift.store import calls

SOON = 0.04  # seconds
LONG = Debounce("one", 60.0)


def _ask(subject: Any, payload: str = '"new"', debounce: Debounce = LONG, **fields: Any) -> Accepted:
    accepted: Accepted = subject.submit(debounce=debounce, payload=payload, **fields)
    return accepted


def test_who_asks_again_changes_the_one_that_waits_and_lets_it_wait_anew(subject: Any) -> None:
    first = _ask(subject, '"first"')
    before = subject.record(first.id)
    subject.elapse(0.002)

    again = _ask(subject, '"second"')

    assert (again.id, again.standing, again.existing, again.debounced) == (first.id, Standing.EXISTING, True, True)
    assert (first.standing, first.state, first.debounced) == (Standing.NEW, State.SCHEDULED, False)
    record = subject.record(first.id)
    assert (record.payload, record.submitted_at) == ('"second"', before.submitted_at)
    assert record.due_at > before.due_at
    assert len(subject.run(calls.List()).records) == 1


def test_it_runs_once_with_what_came_last(subject: Any) -> None:
    subject.register()
    ids = {_ask(subject, f'"{number}"', Debounce("one", 0.5)).id for number in range(3)}
    subject.elapse(0.5)
    subject.run(calls.Promote())

    (delivery,) = subject.claim(5)

    assert ({delivery.id}, delivery.payload) == (ids, '"2"')


def test_it_waits_no_longer_than_it_may(subject: Any) -> None:
    first = _ask(subject, debounce=Debounce("one", 60.0, 90.0))
    subject.elapse(0.002)

    _ask(subject, debounce=Debounce("one", 3600.0, 7200.0))

    record = subject.record(first.id)
    assert record.due_at == record.submitted_at + timedelta(seconds=90)
    brief = _ask(subject, debounce=Debounce("two", 60.0, 5.0))
    assert subject.record(brief.id).due_at == brief.submitted_at + timedelta(seconds=5)


def test_who_comes_when_it_is_due_makes_another(subject: Any) -> None:
    first = _ask(subject, debounce=Debounce("one", SOON))
    subject.elapse(SOON)

    second = _ask(subject)
    subject.run(calls.Promote())

    assert (second.standing, second.id != first.id) == (Standing.NEW, True)
    assert _ask(subject).id == second.id


def test_one_that_was_called_off_is_not_changed(subject: Any) -> None:
    first = _ask(subject)
    subject.run(calls.Cancel(first.id))

    assert _ask(subject).standing is Standing.NEW


def test_the_same_submission_sent_again_changes_nothing(subject: Any) -> None:
    _ask(subject)
    task = Submission(kind="demo.work", payload='"second"', debounce=LONG)
    (told,) = subject.run(calls.Submit((task,)))
    due = subject.record(told.id).due_at
    subject.elapse(0.002)
    assert subject.run(calls.Submit((task,))) == (told,)
    assert subject.record(told.id).due_at == due


def test_a_request_that_is_repeated_is_answered_as_the_first_time(subject: Any) -> None:
    _ask(subject)
    key = IdempotencyKey("key", "this", 60.0)
    told = _ask(subject, '"second"', idempotency_key=key)
    due = subject.record(told.id).due_at
    subject.elapse(0.002)

    again = _ask(subject, '"second"', idempotency_key=key)

    assert (again.standing, again.existing, again.debounced) == (Standing.REPEATED, True, True)
    assert subject.record(told.id).due_at == due


def test_a_full_queue_takes_on_what_is_debounced(subject: Any) -> None:
    first = _ask(subject)
    subject.run(calls.LimitQueue("default", 0))

    assert _ask(subject).id == first.id


def test_other_keys_are_not_concerned(subject: Any) -> None:
    assert _ask(subject).id != _ask(subject, debounce=Debounce("two", 60.0)).id
