"""What is asked for again under its idempotency key."""

from dataclasses import replace
from typing import Any, Final

from heavylift.idempotency import IdempotencyKey
from heavylift.record import Standing, Submission, new_task_id
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Limits

SOON: Final = 0.04  # seconds
KEY: Final = IdempotencyKey("key", "what was asked", 60.0)
TRACEPARENT: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_what_is_asked_for_again_makes_no_second_task_and_is_answered_as_the_first_time(subject: Any) -> None:
    first = subject.submit(idempotency_key=KEY, queue="images", traceparent=TRACEPARENT)

    again = subject.submit(idempotency_key=KEY, queue="images", traceparent="")

    assert (first.standing, again.standing, again.duplicate) == (Standing.NEW, Standing.REPEATED, True)
    assert again == replace(first, standing=Standing.REPEATED)
    assert subject.counts("images").submitted == 1


def test_the_answer_is_that_of_the_first_time_whatever_became_of_the_task(subject: Any) -> None:
    subject.limit(Limits(retention=SOON))
    first = subject.submit(idempotency_key=KEY, delay=60)
    subject.run(calls.Cancel(first.id))

    assert subject.submit(idempotency_key=KEY).state is State.SCHEDULED
    subject.elapse(SOON)
    assert subject.run(calls.Read(first.id)) is None
    assert subject.submit(idempotency_key=KEY) == replace(first, standing=Standing.REPEATED)


def test_a_key_is_not_taken_for_anything_else(subject: Any) -> None:
    first = subject.submit(idempotency_key=KEY)

    other = subject.submit(idempotency_key=replace(KEY, fingerprint="something else"))

    assert other.standing is Standing.REUSED
    assert [record.id for record in subject.run(calls.List()).records] == [first.id]
    assert subject.submit(idempotency_key=KEY).id == first.id


def test_what_has_no_key_or_another_is_another_task(subject: Any) -> None:
    keys = [None, KEY, replace(KEY, name="another"), None]

    answers = [subject.submit(idempotency_key=key) for key in keys]

    assert [answer.standing for answer in answers] == [Standing.NEW] * 4
    assert len({answer.id for answer in answers}) == 4


def test_a_key_is_free_again_when_it_was_kept_for_its_time(subject: Any) -> None:
    brief = replace(KEY, keep=SOON)
    first = subject.submit(idempotency_key=brief)
    subject.elapse(SOON)

    again = subject.submit(idempotency_key=brief)

    assert again.standing is Standing.NEW
    assert again.id != first.id


def test_asking_again_does_not_lengthen_the_time(subject: Any) -> None:
    first = subject.submit(idempotency_key=replace(KEY, keep=SOON))
    assert subject.submit(idempotency_key=KEY).id == first.id
    subject.elapse(SOON)

    assert subject.submit(idempotency_key=KEY).standing is Standing.NEW


def test_a_key_that_comes_twice_in_one_batch_makes_one_task(subject: Any) -> None:
    task = Submission(kind="demo.work", payload="{}", idempotency_key=KEY)

    answers = subject.run(calls.Submit((task, replace(task, id=new_task_id()))))

    assert [answer.standing for answer in answers] == [Standing.NEW, Standing.REPEATED]
    assert {answer.id for answer in answers} == {task.id}


def test_an_id_that_is_known_already_does_not_take_the_key(subject: Any) -> None:
    known = subject.submit()

    assert subject.submit(id=known.id, idempotency_key=KEY).standing is Standing.KNOWN
    assert subject.run(calls.FindAnswer(KEY)) is None


def test_the_answer_to_a_key_can_be_asked_for_alone(subject: Any) -> None:
    assert subject.run(calls.FindAnswer(KEY)) is None
    first = subject.submit(idempotency_key=KEY)

    assert subject.run(calls.FindAnswer(KEY)) == replace(first, standing=Standing.REPEATED)
    assert subject.run(calls.FindAnswer(replace(KEY, fingerprint="else"))).standing is Standing.REUSED
