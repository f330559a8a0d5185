"""The record of an ended task is kept for its time, and no longer."""

from typing import Any

from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Limits

SOON = 0.04  # seconds


def test_the_record_of_an_ended_task_is_gone_after_its_time(subject: Any) -> None:
    subject.limit(Limits(retention=SOON))
    ended, live = subject.take(), subject.submit().id
    subject.succeed(ended)
    assert subject.state(ended.id) is State.SUCCEEDED
    subject.elapse(SOON)

    assert subject.run(calls.Read(ended.id)) is None
    assert subject.run(calls.Cancel(ended.id)) is None
    assert not subject.succeed(ended)
    assert subject.state(live) is State.QUEUED


def test_a_record_that_is_gone_is_not_listed(subject: Any) -> None:
    subject.limit(Limits(retention=SOON))
    ids = subject.submit_many(3)
    for id_ in ids[:2]:
        subject.run(calls.Cancel(id_))
    subject.elapse(SOON)

    for filters in ({}, {"kind": "demo.work"}, {"state": State.CANCELLED}):
        expected = [] if "state" in filters else [ids[2]]
        assert [record.id for record in subject.run(calls.List(**filters)).records] == expected


def test_an_id_may_be_used_again_when_its_record_is_gone(subject: Any) -> None:
    subject.limit(Limits(retention=SOON))
    id_ = subject.submit().id
    subject.run(calls.Cancel(id_))
    subject.elapse(SOON)

    again = subject.submit(id=id_)

    assert (again.duplicate, again.state) == (False, State.QUEUED)
    assert [record.id for record in subject.run(calls.List()).records] == [id_]


def test_a_live_record_outlives_any_retention(subject: Any) -> None:
    subject.limit(Limits(retention=0.01))
    scheduled, queued, running = subject.submit(delay=60).id, subject.submit(queue="other").id, subject.take().id
    subject.elapse(0.03)

    assert [subject.state(id_) for id_ in (scheduled, queued, running)] == [State.SCHEDULED, State.QUEUED, State.RUNNING]
