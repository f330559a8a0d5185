"""What the dead held reaches others, whatever Redis thinks of one of them."""

import json
import time

import pytest

from heavylift.outcome import Failed, Failure, Succeeded
from heavylift.record import Record
from heavylift.retry import NEVER, RetryPolicy
from heavylift.state import State
from heavylift.store.calls import Complete, Ended, Read
from heavylift.store.redis import RedisStore
from heavylift.telemetry import AttemptEnded, Event, Reporter, Result, StoreTrouble, TasksHandedOn
from heavylift.worker.burial import Dead
from heavylift.worker.deaths import of_status, over_time
from heavylift.worker.handover import Handover
from heavylift.worker.slots import Running
from tests.support.consumer import claim, register, submit

KILLED = of_status(9)
LATE = over_time(5.0)
AGAIN = RetryPolicy(max_attempts=3, base=60.0)


@pytest.fixture
def heard() -> list[Event]:
    return []


def handover(store: RedisStore, heard: list[Event], policy: RetryPolicy = NEVER) -> Handover:
    return Handover(store, Reporter(heard.append), max_deliveries=3, policy_of=lambda _: policy)


def held(store: RedisStore, consumer: str, **fields: object) -> Running:
    """One task in the hand of a consumer."""
    submit(store, **fields)
    register(store, consumer)
    (delivery,) = claim(store, consumer=consumer)
    now = time.monotonic()
    return Running(delivery.id, delivery.fence, now - 5.0, now)


def read(store: RedisStore, task_id: str) -> Record:
    record = store.run(Read(task_id))
    assert record is not None
    return record


def test_a_dead_ones_tasks_are_handed_on_with_the_cause(redis_store: RedisStore, heard: list[Event]) -> None:
    running = held(redis_store, "w1")
    ours = handover(redis_store, heard)
    ours.add(Dead("w1", KILLED, blame=True, ran=running))

    ours.run()

    assert ours.finished
    assert read(redis_store, running.task_id).deaths == 1
    told = [event for event in heard if isinstance(event, TasksHandedOn)]
    assert [(event.cause, event.requeued) for event in told] == [(KILLED.words, (running.task_id,))]


def test_a_death_that_redis_refuses_does_not_hold_up_the_next(redis_store: RedisStore, heard: list[Event]) -> None:
    # Given two dead, and a history of the first that Redis cannot write
    broken, sound = held(redis_store, "w1"), held(redis_store, "w2")
    history = f"{redis_store.partition}:history:{broken.task_id}"
    redis_store._client.set(history, "not a list")
    ours = handover(redis_store, heard)
    for consumer, running in (("w1", broken), ("w2", sound)):
        ours.add(Dead(consumer, KILLED, blame=True, ran=running))

    # When both are told
    ours.run()

    # Then the second has been handed on, and the first follows when it can be written
    assert read(redis_store, sound.task_id).state is State.QUEUED
    assert [event.error_type for event in heard if isinstance(event, StoreTrouble)] == ["StoreRefused"]
    assert not ours.finished
    redis_store._client.delete(history)
    while not ours.finished:
        ours.run()
    assert read(redis_store, broken.task_id).state is State.QUEUED


def test_a_task_that_ran_too_long_ends_as_a_timeout_under_its_fence(redis_store: RedisStore, heard: list[Event]) -> None:
    running = held(redis_store, "w1")
    ours = handover(redis_store, heard)
    ours.add(Dead("w1", LATE, overdue=running))

    ours.run()

    record = read(redis_store, running.task_id)
    assert (record.state, record.error["type"], record.error["message"]) == (State.FAILED, "TaskTimeout", LATE.words)
    assert record.deaths == 0
    (told,) = [event for event in heard if isinstance(event, AttemptEnded)]
    assert (told.result, told.error_type) == (Result.TIMEOUT, "TaskTimeout")
    assert told.duration == pytest.approx(5.0, abs=1.0)


def test_a_timeout_is_tried_again_when_the_policy_says_so(redis_store: RedisStore, heard: list[Event]) -> None:
    running = held(redis_store, "w1", max_attempts=3)
    ours = handover(redis_store, heard, AGAIN)
    ours.add(Dead("w1", LATE, overdue=running))

    ours.run()

    record = read(redis_store, running.task_id)
    assert (record.state, record.attempt, record.error["type"]) == (State.SCHEDULED, 2, "TaskTimeout")
    (told,) = [event for event in heard if isinstance(event, AttemptEnded)]
    assert (told.result, told.attempt) == (Result.RETRY, 1)


@pytest.mark.parametrize(
    "outcome", [Succeeded(json.dumps("just in time")), Failed(Failure("ValueError", "just in time", retryable=False))]
)
def test_a_task_that_its_child_ended_in_the_last_moment_keeps_that_end(
    redis_store: RedisStore, heard: list[Event], outcome: Succeeded | Failed
) -> None:
    running = held(redis_store, "w1")
    redis_store.run(Complete((Ended(running.task_id, running.fence, outcome),)))
    before = read(redis_store, running.task_id)
    ours = handover(redis_store, heard)
    ours.add(Dead("w1", LATE, overdue=running))

    ours.run()

    assert read(redis_store, running.task_id) == before
    assert heard == []


def test_what_the_child_had_begun_after_the_task_that_ran_too_long_is_tried_again_unblamed(
    redis_store: RedisStore, heard: list[Event]
) -> None:
    ended = held(redis_store, "w1")
    redis_store.run(Complete((Ended(ended.task_id, ended.fence, Succeeded("1")),)))
    submit(redis_store)
    (following,) = claim(redis_store, consumer="w1")
    ours = handover(redis_store, heard)
    ours.add(Dead("w1", LATE, ran=Running(following.id, following.fence, time.monotonic()), overdue=ended))

    ours.run()

    record = read(redis_store, following.id)
    assert (record.state, record.deaths) == (State.QUEUED, 0)
