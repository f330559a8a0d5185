"""Queues in which only so many tasks may wait."""

from typing import Any

import pytest

from heavylift.errors import QueueFull
from heavylift.idempotency import IdempotencyKey, Unique
from heavylift.outcome import Failed, Failure, Retry
from heavylift.record import Room, Standing, Submission
from heavylift.store import calls

BROKEN = Failure("ValueError", "it broke", retryable=True)


def _limit(subject: Any, length: int | None, queue: str = "default") -> None:
    assert subject.run(calls.LimitQueue(queue, length))


def _task(**fields: Any) -> Submission:
    return Submission(**({"kind": "demo.work", "payload": "{}"} | fields))


def _is_full(subject: Any, **fields: Any) -> bool:
    try:
        subject.submit(**fields)
    except QueueFull:
        return True
    return False


def test_so_many_wait_for_their_time_or_for_a_worker_and_no_more(subject: Any) -> None:
    subject.register()
    _limit(subject, 3)

    rooms = [subject.submit(**fields).room for fields in ({}, {"delay": 60}, {})]
    assert rooms == [Room(3, 2), Room(3, 1), Room(3, 0)]
    with pytest.raises(QueueFull, match="3 tasks wait in the queue default, which takes 3; there may be room in") as refused:
        subject.submit()

    assert (refused.value.queue, refused.value.limit, refused.value.waiting) == ("default", 3, 3)
    assert 1 <= refused.value.retry_after <= 60
    assert len(subject.run(calls.List()).records) == 3
    assert subject.run(calls.ReadQueues("default")).queues[0].limit == 3


def test_what_runs_leaves_room(subject: Any) -> None:
    subject.register()
    _limit(subject, 2)
    subject.submit_many(2)
    assert _is_full(subject)

    subject.claim()

    assert subject.submit().room == Room(2, 0)
    assert _is_full(subject)


def test_without_a_limit_there_is_room_for_any_number(subject: Any) -> None:
    subject.register()
    _limit(subject, 1)
    subject.submit()
    assert _is_full(subject)
    assert not _is_full(subject, queue="other")

    _limit(subject, None)

    assert subject.submit().room is None
    assert subject.run(calls.ReadQueues("default")).queues[0].limit is None


def test_a_limit_for_all_queues_counts_where_a_queue_has_none_of_its_own(subject: Any) -> None:
    subject.limit(calls.Limits(queue_length=1))
    subject.submit()
    assert _is_full(subject)
    assert not _is_full(subject, queue="other")

    _limit(subject, 2)
    assert not _is_full(subject)
    assert _is_full(subject)


def test_what_has_begun_is_never_refused(subject: Any) -> None:
    subject.register()
    subject.submit_many(4)
    retried, released, dead, lost = subject.claim(4)
    _limit(subject, 0)

    assert subject.end(retried, Retry(0.0, BROKEN, ""))
    assert subject.release(released) == (True,)
    assert subject.end(dead, Failed(BROKEN))
    assert subject.run(calls.Replay((dead.id,))).tasks[0].changed
    subject.hand_on()
    assert subject.counts().ready >= 3
    assert lost.id in {record.id for record in subject.run(calls.List()).records}
    assert not _is_full(subject, onward=True)
    assert _is_full(subject)


def test_what_is_there_already_needs_no_room(subject: Any) -> None:
    unique, key = Unique("one"), IdempotencyKey("key", "this", 60.0)
    first = subject.submit(unique=unique, idempotency_key=key)
    _limit(subject, 0)

    assert subject.submit(id=first.id).standing is Standing.KNOWN
    assert subject.submit(unique=unique).standing is Standing.EXISTING
    assert subject.submit(idempotency_key=key).standing is Standing.REPEATED


def test_a_key_under_which_nothing_was_taken_is_not_used_up(subject: Any) -> None:
    subject.register()
    _limit(subject, 0)
    key = IdempotencyKey("key", "this", 60.0)
    assert _is_full(subject, idempotency_key=key)

    _limit(subject, None)

    assert subject.submit(idempotency_key=key).standing is Standing.NEW


def test_several_are_taken_as_far_as_there_is_room_and_each_is_answered(subject: Any) -> None:
    subject.register()
    _limit(subject, 2)
    tasks = (_task(), _task(queue="other"), _task(), _task())

    answers = subject.run(calls.SubmitEach(tasks))

    assert [isinstance(answer, QueueFull) for answer in answers] == [False, False, False, True]
    assert [getattr(answer, "room", None) for answer in answers[:3]] == [Room(2, 1), None, Room(2, 0)]
    assert {record.id for record in subject.run(calls.List()).records} == {task.id for task in tasks[:3]}


def test_what_goes_on_with_what_runs_takes_room_from_what_comes_with_it(subject: Any) -> None:
    subject.register()
    _limit(subject, 2)
    tasks = (_task(onward=True), _task(), _task())

    onward, first, second = subject.run(calls.SubmitEach(tasks))

    assert (onward.room, first.room) == (None, Room(2, 0))
    assert (type(second), second.waiting) == (QueueFull, 2)


def test_what_is_told_again_says_nothing_of_the_room_there_was(subject: Any) -> None:
    subject.register()
    _limit(subject, 2)
    key = IdempotencyKey("key", "this", 60.0)

    assert subject.submit(idempotency_key=key).room == Room(2, 1)

    assert subject.submit(idempotency_key=key).room is None
    assert subject.run(calls.FindAnswer(key)).room is None


def test_all_are_taken_or_none(subject: Any) -> None:
    subject.register()
    _limit(subject, 2)
    known = subject.submit().id
    tasks = (_task(queue="other"), _task(), _task())

    with pytest.raises(QueueFull):
        subject.run(calls.Submit(tasks))

    assert [record.id for record in subject.run(calls.List()).records] == [known]
    accepted = subject.run(calls.Submit((*tasks[:2], _task(id=known))))
    assert [answer.standing for answer in accepted] == [Standing.NEW, Standing.NEW, Standing.KNOWN]


@pytest.mark.parametrize("paused", [True, False])
def test_when_to_come_again_is_told_by_how_fast_tasks_leave(subject: Any, paused: bool) -> None:
    assert calls.queue_full("q", 10, 10, 0.5).retry_after == 2
    assert calls.queue_full("q", 10, 10, 100.0).retry_after == 1
    assert calls.queue_full("q", 10, 1000, 2.0).retry_after == 60
    assert calls.queue_full("q", 10, 10, None).retry_after == 5
    subject.register()
    _limit(subject, 0)
    if paused:
        subject.run(calls.PauseQueue("default"))

    with pytest.raises(QueueFull) as refused:
        subject.submit()

    assert refused.value.retry_after == (60 if paused else 5)


def test_a_queue_that_nobody_knows_gets_no_limit(subject: Any) -> None:
    assert subject.run(calls.LimitQueue("nowhere", 3)) is False
