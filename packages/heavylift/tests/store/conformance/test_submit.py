"""(nothing) → scheduled | queued."""

from datetime import timedelta
from typing import Any

import pytest

from heavylift.errors import StoreRefused
from heavylift.record import Durability, Form, Priority, Submission
from heavylift.state import State
from heavylift.store import calls


def test_a_submitted_task_waits_in_its_queue(subject: Any) -> None:
    accepted = subject.submit()

    assert accepted.state is State.QUEUED
    assert not accepted.duplicate
    assert subject.state(accepted.id) is State.QUEUED


def test_the_record_says_what_was_asked_for(subject: Any) -> None:
    expires_at = subject.now() + timedelta(hours=1)
    accepted = subject.submit(
        kind="demo.resize",
        payload='{"width": 640}',
        form=Form.CALL,
        queue="images",
        priority=Priority.HIGH,
        expires_at=expires_at,
        tags=("customer:7", "summer"),
        max_attempts=5,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )

    record = subject.record(accepted.id)

    assert (record.kind, record.payload, record.form) == ("demo.resize", '{"width": 640}', Form.CALL)
    assert (record.queue, record.priority, record.tags) == ("images", Priority.HIGH, ("customer:7", "summer"))
    assert (record.max_attempts, record.attempt, record.fence, record.deaths) == (5, 1, 0, 0)
    assert record.expires_at == expires_at
    assert record.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert record.submitted_at == accepted.submitted_at == record.queued_at
    assert (record.started_at, record.ended_at, record.worker, record.result, record.error) == (None, None, None, None, None)
    assert not record.ended


def test_a_delayed_task_is_scheduled_for_its_time(subject: Any) -> None:
    accepted = subject.submit(delay=90)

    record = subject.record(accepted.id)

    assert accepted.state is record.state is State.SCHEDULED
    assert record.due_at == accepted.submitted_at + timedelta(seconds=90)
    assert record.queued_at is None


def test_a_task_with_an_eta_is_scheduled_for_that_moment(subject: Any) -> None:
    eta = subject.now() + timedelta(minutes=5)

    accepted = subject.submit(eta=eta)

    assert subject.record(accepted.id).due_at == eta
    assert accepted.state is State.SCHEDULED


def test_a_task_whose_time_has_come_already_is_queued_at_once(subject: Any) -> None:
    assert subject.submit(delay=0).state is State.QUEUED
    assert subject.submit(eta=subject.now() - timedelta(minutes=5)).state is State.QUEUED


def test_submitting_an_id_again_changes_nothing_and_says_so(subject: Any) -> None:
    first = subject.submit(payload='"first"')

    again = subject.submit(id=first.id, payload='"second"', queue="elsewhere")

    assert again.duplicate
    assert (again.state, again.submitted_at) == (first.state, first.submitted_at)
    assert subject.record(first.id).payload == '"first"'
    subject.register()
    assert len(subject.claim(10, queues=("default", "elsewhere"))) == 1


def test_a_duplicate_is_answered_with_the_state_that_the_task_is_in_now(subject: Any) -> None:
    delivery = subject.take()
    subject.succeed(delivery)

    assert subject.submit(id=delivery.id).state is State.SUCCEEDED


def test_a_batch_is_answered_in_its_order(subject: Any) -> None:
    known = subject.submit()
    batch = (
        Submission(kind="demo.a", payload="1"),
        Submission(kind="demo.b", payload="2", id=known.id),
        Submission(kind="demo.c", payload="3", delay=60),
    )

    answers = subject.run(calls.Submit(batch))

    assert [answer.id for answer in answers] == [task.id for task in batch]
    assert [answer.state for answer in answers] == [State.QUEUED, State.QUEUED, State.SCHEDULED]
    assert [answer.duplicate for answer in answers] == [False, True, False]


def test_an_id_that_comes_twice_in_one_batch_is_taken_once(subject: Any) -> None:
    task = Submission(kind="demo.work", payload="{}")

    answers = subject.run(calls.Submit((task, task)))

    assert [answer.duplicate for answer in answers] == [False, True]
    assert subject.counts().submitted == 1


def test_payload_headers_and_tags_of_any_text_come_back_as_they_went_in(subject: Any) -> None:
    strange = '{"text": "Größe ✓ \\u0000 \\"quoted\\" \\n"}'
    subject.register()
    accepted = subject.submit(payload=strange, headers='{"a": "ü"}', tags=("später: ja", 'say "hi"'))

    (delivery,) = subject.claim()

    assert (delivery.payload, delivery.headers) == (strange, '{"a": "ü"}')
    assert subject.record(accepted.id).tags == ("später: ja", 'say "hi"')


def test_a_store_without_replicas_takes_nothing_that_is_to_be_on_one(subject: Any) -> None:
    task = Submission(kind="demo.work", payload="{}")

    for call in (calls.Submit((task,), Durability.REPLICA), calls.Probe(Durability.REPLICA)):
        with pytest.raises(StoreRefused, match="no replica"):
            subject.run(call)

    assert subject.run(calls.Read(task.id)) is None
    subject.run(calls.Probe())
