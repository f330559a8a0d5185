"""What the workers have before them, and how long such tasks ran."""

from typing import Any

from heavylift.record import Executor, Priority
from heavylift.store import calls
from heavylift.store.calls import Limits, Line, Runs
from heavylift.store.calls.workload import SAMPLE

HORIZON = 30.0
PROCESS = Executor.PROCESS


def _look(subject: Any, horizon: float = HORIZON) -> Any:
    return subject.run(calls.Workload(horizon))


def _line(subject: Any, queue: str = "default", executor: Executor = PROCESS, horizon: float = HORIZON) -> Line:
    (line,) = [line for line in _look(subject, horizon).lines if (line.queue, line.executor) == (queue, executor)]
    return line  # type: ignore[no-any-return]


def test_where_nothing_is_there_is_nothing_to_do(subject: Any) -> None:
    reply = _look(subject)

    assert (reply.lines, reply.runs) == ((), ())


def test_lines_are_told_apart_by_queue_and_kind_of_child(subject: Any) -> None:
    subject.submit_many(2, queue="a", kind="thumb")
    subject.submit_many(3, queue="a", kind="fetch", executor=Executor.ASYNCIO)
    subject.submit_many(1, queue="b", kind="thumb", priority=Priority.HIGH)
    subject.submit_many(4, queue="b", kind="thumb", priority=Priority.LOW)

    lines = _look(subject).lines

    assert [(line.queue, line.executor, line.ready, dict(line.kinds)) for line in lines] == [
        ("a", Executor.ASYNCIO, 3, {"fetch": 3.0}),
        ("a", PROCESS, 2, {"thumb": 2.0}),
        ("b", PROCESS, 5, {"thumb": 5.0}),
    ]


def test_what_runs_is_not_what_waits(subject: Any) -> None:
    subject.register()
    subject.submit_many(5)
    subject.claim(3)

    line = _line(subject)

    assert (line.ready, line.running) == (2, 3)
    subject.claim(2)
    line = _line(subject)
    assert (line.ready, line.running, line.oldest_age, line.newest_age, dict(line.kinds)) == (0, 5, 0.0, 0.0, {})


def test_the_ages_are_those_of_the_first_and_the_last_that_wait(subject: Any) -> None:
    subject.submit()
    subject.elapse(0.05)
    subject.submit(priority=Priority.HIGH)
    subject.elapse(0.02)

    line = _line(subject)

    assert line.newest_age >= 0.02
    assert line.oldest_age - line.newest_age >= 0.049  # both are told in whole milliseconds


def test_what_is_due_within_the_horizon_is_known_before_its_time(subject: Any) -> None:
    subject.submit_many(3, queue="a", kind="nightly", delay=HORIZON / 2)
    subject.submit_many(2, queue="a", kind="nightly", delay=10 * HORIZON)
    subject.submit(queue="a", kind="nightly")

    line = _line(subject, "a")

    assert (line.ready, line.due_soon, dict(line.kinds)) == (1, 3, {"nightly": 4.0})
    assert _line(subject, "a", horizon=20 * HORIZON).due_soon == 5


def test_of_a_long_queue_both_ends_speak_for_all(subject: Any) -> None:
    subject.submit_many(2 * SAMPLE, kind="thumb")
    subject.submit_many(2 * SAMPLE, kind="video")

    line = _line(subject)

    assert (line.ready, dict(line.kinds)) == (4 * SAMPLE, {"thumb": 2.0 * SAMPLE, "video": 2.0 * SAMPLE})


def test_of_many_that_are_due_some_speak_for_all_evenly(subject: Any) -> None:
    subject.submit_many(2 * SAMPLE, kind="thumb", delay=1)
    subject.submit_many(2 * SAMPLE, kind="video", delay=2)

    line = _line(subject)

    assert (line.ready, line.due_soon, dict(line.kinds)) == (0, 4 * SAMPLE, {"thumb": 2.0 * SAMPLE, "video": 2.0 * SAMPLE})


def test_what_guardians_tell_of_runs_is_added_up(subject: Any) -> None:
    subject.register("w1", "a", "b")
    subject.run(calls.TellRuns((Runs("a", PROCESS, "thumb", 10, 2.5), Runs("b", Executor.ASYNCIO, "x:y", 1, 60.0))))
    subject.run(calls.TellRuns((Runs("a", PROCESS, "thumb", 2, 0.000_001),)))

    runs = _look(subject).runs

    assert [(r.queue, r.executor, r.kind, r.attempts) for r in runs] == [
        ("a", PROCESS, "thumb", 12),
        ("b", Executor.ASYNCIO, "x:y", 1),
    ]
    assert [round(r.seconds, 6) for r in runs] == [2.500_001, 60.0]


def test_a_queue_that_is_forgotten_takes_its_runs_along_and_late_news_do_not_bring_it_back(subject: Any) -> None:
    subject.register("w1", "once")
    subject.run(calls.TellRuns((Runs("once", PROCESS, "thumb", 10, 2.5),)))
    subject.hand_on("w1")
    subject.limit(Limits(retention=0.0))
    subject.elapse(0.001)
    subject.run(calls.Sweep())

    subject.run(calls.TellRuns((Runs("once", PROCESS, "thumb", 1, 1.0),)))

    assert _look(subject).runs == ()
