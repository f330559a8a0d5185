"""Queues that give nothing out for a while."""

from datetime import timedelta
from typing import Any

import pytest

from heavylift.record import Executor, Priority
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import QueuePause

SOON = 0.04  # seconds


def _pause(subject: Any, seconds: float | None = None, queue: str = "default") -> QueuePause:
    paused: calls.Paused = subject.run(calls.PauseQueue(queue, seconds, "ada", "the printer is on fire"))
    return paused.pause


def _resume(subject: Any) -> bool | None:
    was: bool | None = subject.run(calls.ResumeQueue("default"))
    return was


def test_a_paused_queue_takes_submissions_and_gives_nothing_out_until_it_is_resumed(subject: Any) -> None:
    subject.register()
    before = subject.submit_many(2, priority=Priority.HIGH)
    _pause(subject)
    after = subject.submit_many(2)

    assert subject.claim(4) == []
    assert subject.wait() == ()
    assert (subject.counts().ready, subject.counts().paused) == (4, True)

    assert _resume(subject) is True
    assert [delivery.id for delivery in subject.claim(4)] == [*before, *after]
    assert not subject.counts().paused


def test_what_runs_goes_on_and_what_comes_back_waits_first_in_line(subject: Any) -> None:
    subject.register()
    subject.submit_many(2)
    running, other = subject.claim(2)
    _pause(subject)
    later = subject.submit().id

    assert subject.succeed(running)
    assert subject.release(other) == (True,)
    assert subject.claim(3) == []

    _resume(subject)
    assert [delivery.id for delivery in subject.claim(3)] == [other.id, later]


@pytest.mark.parametrize("own", [True, False])
def test_what_a_wait_has_taken_and_nobody_has_claimed_is_not_given_out_either(subject: Any, own: bool) -> None:
    subject.register()
    first, second = subject.submit_many(2)
    waiting = subject.wait()
    assert [taken.id for taken in waiting] == [first]

    _pause(subject)

    assert subject.claim(2, waiting=() if own else waiting, own=own) == []
    assert (subject.counts().ready, subject.counts().running) == (2, 0)
    _resume(subject)
    assert [delivery.id for delivery in subject.claim(2)] == [first, second]


def test_what_is_due_is_queued_and_waits(subject: Any) -> None:
    subject.register()
    id_ = subject.submit(delay=SOON).id
    _pause(subject)
    subject.elapse(SOON)

    assert subject.run(calls.Promote()).promoted == (id_,)
    assert subject.state(id_) is State.QUEUED
    assert subject.claim() == []


def test_a_pause_ends_by_itself(subject: Any) -> None:
    subject.register()
    id_ = subject.submit().id
    pause = _pause(subject, SOON)
    assert pause.ends_at == pause.since + timedelta(seconds=SOON)
    subject.elapse(SOON)
    assert not subject.counts().paused

    assert subject.run(calls.Promote()).resumed == ("default",)

    assert [delivery.id for delivery in subject.claim()] == [id_]
    assert subject.run(calls.Promote()).resumed == ()


def test_who_promotes_hears_when_the_next_pause_ends(subject: Any) -> None:
    subject.register()
    _pause(subject, 60)

    assert 50 < subject.run(calls.Promote()).next_due <= 60


def test_paused_again_it_is_paused_on_the_new_terms_since_when_it_was(subject: Any) -> None:
    subject.register()
    id_ = subject.submit().id
    first = _pause(subject, 60)
    subject.elapse(0.002)

    again = subject.run(calls.PauseQueue("default", None, "bob", "and still"))

    assert again == calls.Paused(QueuePause(first.since, None, "bob", "and still"), changed=False)
    assert subject.claim() == []
    assert (_resume(subject), _resume(subject)) == (True, False)
    assert [delivery.id for delivery in subject.claim()] == [id_]


def test_a_queue_that_nobody_knows_is_neither_paused_nor_resumed(subject: Any) -> None:
    assert subject.run(calls.PauseQueue("nowhere")) is None
    assert subject.run(calls.ResumeQueue("nowhere")) is None


def test_others_go_on(subject: Any) -> None:
    subject.register("w1", "default", "other")
    subject.submit()
    id_ = subject.submit(queue="other").id
    _pause(subject)

    assert [delivery.id for delivery in subject.claim(queues=("default", "other"))] == [id_]


def test_it_is_so_for_workers_that_come_later_and_for_all_kinds_of_children(subject: Any) -> None:
    ids = [subject.submit(executor=executor, priority=priority).id for executor in Executor for priority in Priority]
    _pause(subject)
    subject.register("w9", executors=tuple(Executor))

    assert subject.claim(12, by="w9", executors=tuple(Executor)) == []

    _resume(subject)
    claimed = subject.claim(12, by="w9", executors=tuple(Executor))
    assert sorted(delivery.id for delivery in claimed) == sorted(ids)


def test_what_waits_is_still_told_right(subject: Any) -> None:
    subject.register()
    ids = subject.submit_many(3)
    subject.claim()
    pause = _pause(subject)

    outlook = subject.run(calls.LookAhead(ids[2]))
    assert (outlook.ahead, outlook.running, outlook.pause) == (1, 1, pause)
    assert (pause.by, pause.reason, pause.ends_at) == ("ada", "the printer is on fire", None)
    workload = subject.run(calls.Workload())
    assert workload.paused == {"default"}
    assert [(line.ready, line.running, sum(line.kinds.values())) for line in workload.lines] == [(2, 1, 2.0)]
    assert subject.counts().oldest_age >= 0
    _resume(subject)
    assert subject.run(calls.LookAhead(ids[2])).pause is None
