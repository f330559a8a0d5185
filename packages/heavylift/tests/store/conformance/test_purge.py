"""What waits in a queue is called off."""

from typing import Any

from heavylift.outcome import Failure
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import PurgePlan

PURGED = Failure("Purged", "the queue default was purged", retryable=False)
SOON = 0.04  # seconds


def _purge(subject: Any, error: Failure | None = PURGED, till: int | None = None, reach: str | None = None) -> tuple[int, int]:
    """All portions: how many, and the last that is meant."""
    cursor, count = "", 0
    while True:
        portion = subject.run(calls.PurgeQueue("default", error, till, cursor, reach))
        count, cursor, till = count + portion.count, portion.cursor, portion.till
        if not cursor:
            return count, till or 0


def test_what_waits_is_called_off_and_says_why_and_what_runs_goes_on(subject: Any) -> None:
    subject.register()
    running_id, *waiting = [subject.submit(**fields).id for fields in ({}, {}, {"delay": 60})]
    (running,) = subject.claim()
    other = subject.submit(queue="other").id
    assert running.id == running_id

    assert _purge(subject)[0] == 2

    for id_ in waiting:
        record = subject.record(id_)
        assert (record.state, record.error["type"]) == (State.CANCELLED, "Purged")
    assert (subject.state(other), subject.state(running_id)) == (State.QUEUED, State.RUNNING)
    assert subject.claim() == []
    assert subject.succeed(running)
    assert (subject.counts().ready, subject.counts().cancelled) == (0, 2)


def test_to_count_changes_nothing(subject: Any) -> None:
    subject.submit_many(3)

    assert _purge(subject, None)[0] == 3
    assert subject.counts().ready == 3


def test_what_came_after_it_was_counted_is_left(subject: Any) -> None:
    subject.submit_many(2)
    _, till = _purge(subject, None)
    later = subject.submit().id

    assert _purge(subject, PURGED, till)[0] == 2
    assert subject.state(later) is State.QUEUED


def test_many_go_in_portions(subject: Any) -> None:
    subject.submit_many(calls.PurgeQueue.PORTION + 50)
    subject.submit_many(50, queue="other")
    subject.submit_many(50, delay=60)

    first = subject.run(calls.PurgeQueue("default", None))
    assert (first.count, first.cursor) == (50, "queued:")
    assert _purge(subject)[0] == calls.PurgeQueue.PORTION + 100
    assert subject.counts("other").ready == 50


def test_only_what_is_reached_is_called_off(subject: Any) -> None:
    for tenant in ("acme", "other", ""):
        subject.submit(tenant=tenant)

    assert _purge(subject, reach="acme")[0] == 1
    assert _purge(subject, reach="")[0] == 1
    assert subject.counts().ready == 1


def test_a_plan_is_kept_for_its_time(subject: Any) -> None:
    plan = PurgePlan("default", 3, 7)
    subject.run(calls.KeepPurge("token", plan, 60.0))
    subject.run(calls.KeepPurge("brief", plan, SOON))
    subject.elapse(SOON)

    assert subject.run(calls.FindPurge("token")) == plan
    assert subject.run(calls.FindPurge("brief")) is None
    assert subject.run(calls.FindPurge("another")) is None


def test_a_queue_that_nobody_knows_is_not_purged(subject: Any) -> None:
    assert subject.run(calls.PurgeQueue("nowhere")) is None
