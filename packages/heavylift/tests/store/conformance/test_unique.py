"""Tasks of which there is one at a time, by their unique keys."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from heavylift.idempotency import IdempotencyKey, Unique, While
from heavylift.outcome import Cancelled, Failed, Failure, Outcome, Retry, Succeeded
from heavylift.record import Standing, Submission
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Limits

SOON: Final = 0.04  # seconds
BROKEN: Final = Failure("ValueError", "it broke", retryable=True)
ONE: Final = Unique("one")
QUEUED: Final = Unique("one", While.QUEUED)
TTL: Final = Unique("one", While.TTL, 60.0)


def _is_held(subject: Any, by: str, unique: Unique = ONE) -> bool:
    """Ask for another one, and say whether it is ``by`` that was answered."""
    answer = subject.submit(unique=unique, queue="elsewhere")
    assert answer.existing == (answer.standing is Standing.EXISTING) == (answer.id == by)
    return bool(answer.existing)


@pytest.mark.parametrize("unique", [ONE, QUEUED, TTL], ids=lambda unique: unique.held_while)
@pytest.mark.parametrize("delay", [None, 60])
def test_who_asks_for_another_gets_the_one_that_waits(subject: Any, unique: Unique, delay: float | None) -> None:
    first = subject.submit(unique=unique, delay=delay, payload='"first"')

    again = subject.submit(unique=unique, payload='"second"', queue="elsewhere")

    assert again == replace(first, standing=Standing.EXISTING, existing=True)
    assert subject.record(first.id).payload == '"first"'
    assert [record.id for record in subject.run(calls.List()).records] == [first.id]


def test_other_keys_and_tasks_without_one_are_not_concerned(subject: Any) -> None:
    answers = [subject.submit(unique=unique) for unique in (ONE, Unique("two"), None, None)]

    assert [answer.standing for answer in answers] == [Standing.NEW] * 4


@pytest.mark.parametrize(("unique", "held"), [(ONE, True), (QUEUED, False), (TTL, True)], ids=["running", "queued", "ttl"])
def test_a_key_that_is_held_while_queued_is_free_when_its_task_is_claimed(subject: Any, unique: Unique, held: bool) -> None:
    delivery = subject.take(unique=unique)

    assert _is_held(subject, delivery.id, unique) == held


@pytest.mark.parametrize("outcome", [Succeeded("1"), Failed(BROKEN), Cancelled()], ids=lambda outcome: type(outcome).__name__)
def test_a_key_is_free_when_its_task_has_ended(subject: Any, outcome: Outcome) -> None:
    delivery = subject.take(unique=ONE)
    subject.end(delivery, outcome)

    assert not _is_held(subject, delivery.id)


@pytest.mark.parametrize(
    "end",
    [
        lambda subject, id_: subject.run(calls.Cancel(id_)),
        lambda subject, _: (subject.elapse(SOON), subject.run(calls.Promote())),
    ],
    ids=["cancelled", "expired"],
)
def test_a_key_is_free_when_its_task_ends_without_having_run(subject: Any, end: Callable[[Any, str], object]) -> None:
    first = subject.submit(unique=ONE, delay=60, expires_at=subject.now() + timedelta(seconds=SOON))
    end(subject, first.id)

    assert not _is_held(subject, first.id)


def test_a_key_is_free_when_its_task_is_quarantined_and_held_when_it_is_handed_on(subject: Any) -> None:
    delivery = subject.take(unique=ONE)
    subject.hand_on(max_deaths=2)
    assert _is_held(subject, delivery.id)

    subject.register()
    subject.claim()
    subject.hand_on(max_deaths=2)

    assert subject.state(delivery.id) is State.FAILED
    assert not _is_held(subject, delivery.id)


@pytest.mark.parametrize("unique", [ONE, QUEUED], ids=["running", "queued"])
def test_a_task_that_waits_for_another_attempt_holds_its_key(subject: Any, unique: Unique) -> None:
    delivery = subject.take(unique=unique)
    subject.end(delivery, Retry(60, BROKEN))

    assert _is_held(subject, delivery.id, unique)


def test_a_dead_letter_that_is_replayed_holds_its_key_again_unless_another_has_taken_it(subject: Any) -> None:
    first = subject.take(unique=ONE)
    subject.end(first, Failed(BROKEN))
    subject.run(calls.Replay((first.id,)))
    assert _is_held(subject, first.id)

    subject.end(subject.claim()[0], Failed(BROKEN))
    second = subject.submit(unique=ONE, delay=60)
    subject.run(calls.Replay((first.id,)))

    assert _is_held(subject, second.id)


def test_a_key_with_a_time_is_held_for_it_whatever_becomes_of_the_task(subject: Any) -> None:
    brief = replace(TTL, ttl=SOON)
    first = subject.submit(unique=brief)
    subject.run(calls.Cancel(first.id))
    answer = subject.submit(unique=brief)
    assert (answer.id, answer.state) == (first.id, State.CANCELLED)

    subject.elapse(SOON)

    assert not _is_held(subject, first.id, brief)


def test_the_holder_decides_for_how_long(subject: Any) -> None:
    delivery = subject.take(unique=QUEUED)

    assert not _is_held(subject, delivery.id, ONE)


def test_a_key_is_free_when_the_record_of_its_task_is_gone(subject: Any) -> None:
    subject.limit(Limits(retention=SOON))
    first = subject.submit(unique=TTL)
    subject.run(calls.Cancel(first.id))
    subject.elapse(SOON)

    assert not _is_held(subject, first.id, TTL)


def test_of_two_in_one_batch_there_is_one(subject: Any) -> None:
    tasks = tuple(Submission(kind="demo.work", payload="{}", unique=ONE) for _ in range(3))

    answers = subject.run(calls.Submit(tasks))

    assert [answer.standing for answer in answers] == [Standing.NEW, Standing.EXISTING, Standing.EXISTING]
    assert {answer.id for answer in answers} == {tasks[0].id}


def test_repeating_the_submission_of_the_holder_is_answered_by_its_id(subject: Any) -> None:
    first = subject.submit(unique=ONE)

    assert subject.submit(id=first.id, unique=ONE).standing is Standing.KNOWN


def test_an_answer_that_told_of_an_existing_task_is_told_again_under_its_idempotency_key(subject: Any) -> None:
    key = IdempotencyKey("key", "asked", 60.0)
    first = subject.submit(unique=ONE)
    told = subject.submit(unique=ONE, idempotency_key=key)
    subject.run(calls.Cancel(first.id))

    again = subject.submit(unique=ONE, idempotency_key=key)

    assert (told.id, told.existing) == (first.id, True)
    assert again == replace(told, standing=Standing.REPEATED)
