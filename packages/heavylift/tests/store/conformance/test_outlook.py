"""What a task has before it."""

from typing import Any

import pytest

from heavylift.outcome import Succeeded
from heavylift.record import Executor, Priority
from heavylift.store import calls
from heavylift.store.calls import Outlook, Runs, outlook


def _look(subject: Any, id_: str) -> Outlook:
    found = subject.run(calls.LookAhead(id_))
    assert isinstance(found, Outlook)
    assert found.record == subject.record(id_)
    return found


def test_those_that_come_first_are_counted(subject: Any) -> None:
    subject.submit_many(2, priority=Priority.LOW)
    subject.submit_many(3, priority=Priority.HIGH)
    first, second = subject.submit_many(2)
    subject.submit_many(4, queue="other")
    subject.submit_many(4, executor=Executor.THREADS)

    assert (_look(subject, first).ahead, _look(subject, second).ahead) == (3, 4)


def test_what_runs_is_not_ahead_and_is_counted_apart(subject: Any) -> None:
    ids = subject.submit_many(4)
    subject.register()
    running = subject.claim(2)

    last = _look(subject, ids[3])
    assert (last.ahead, last.running) == (1, 2)
    assert _look(subject, running[0].id).ahead == 0

    subject.release(running[0])
    assert _look(subject, ids[3]).ahead == 2  # what comes back goes first


def test_what_waits_for_its_time_is_behind_all_that_is_ready(subject: Any) -> None:
    subject.submit_many(3)
    later = subject.submit(delay=60).id

    assert _look(subject, later).ahead == 3


def test_so_many_are_counted_and_no_more(subject: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "MOST_COUNTED", 5)
    if subject.run.__qualname__.startswith("MemoryStore"):
        monkeypatch.setattr("heavylift.store.memory.outlook.MOST_COUNTED", 5)
    ids = subject.submit_many(9)

    assert [_look(subject, id_).ahead for id_ in ids] == [0, 1, 2, 3, 4, 5, 5, 5, 5]


def test_only_those_who_read_its_line_and_live_can_take_it(subject: Any) -> None:
    id_ = subject.submit().id
    assert _look(subject, id_).reading == 0

    subject.register("celery@a/1", "default", "other")
    subject.register("celery@a/2", "other")
    subject.register("celery@a/3", "default", executors=(Executor.THREADS,))
    subject.register("celery@b/1", lease=0.02)
    subject.elapse(0.03)

    assert (_look(subject, id_).reading, _look(subject, id_).resting) == (1, 0)
    subject.run(calls.Rest(("a",), 60.0))
    assert (_look(subject, id_).reading, _look(subject, id_).resting) == (1, 1)


def test_the_mean_is_of_such_tasks(subject: Any) -> None:
    id_ = subject.submit().id
    assert _look(subject, id_).mean is None

    told = (
        ("demo.work", Executor.PROCESS, 3, 6.0),
        ("demo.other", Executor.PROCESS, 1, 4.0),
        ("demo.work", Executor.THREADS, 1, 90.0),
    )
    subject.run(calls.TellRuns(tuple(Runs("default", executor, kind, number, s) for kind, executor, number, s in told)))

    assert _look(subject, id_).mean == pytest.approx(2.5)


def test_what_has_ended_has_nothing_before_it_and_what_is_not_there_is_not_there(subject: Any) -> None:
    delivery = subject.take()
    subject.end(delivery, Succeeded("1"))
    subject.submit_many(3)

    assert _look(subject, delivery.id).ahead == 0
    assert subject.run(calls.LookAhead("nobody")) is None
