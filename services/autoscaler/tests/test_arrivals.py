"""What is made of looks at the store, second by second."""

from datetime import UTC, datetime, timedelta

import pytest

from heavylift.record import Executor
from heavylift.store.calls import Line, Runs, WorkloadReply
from heavylift_autoscaler.arrivals import SHARES, Arrivals

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LINE = ("q", Executor.PROCESS)


def _line(ready: int = 0, running: int = 0, oldest: float = 0.0, newest: float = 0.0) -> Line:
    return Line(*LINE, ready, running, 0, oldest, newest)


def _look(arrivals: Arrivals, second: float, line: Line, ended: int, seconds: float = 0.0) -> str:
    return arrivals.learn(WorkloadReply(BEGIN + timedelta(seconds=second), (line,), (Runs(*LINE, "k", ended, seconds),)))


def test_what_comes_is_what_is_there_and_what_has_ended_meanwhile() -> None:
    arrivals = Arrivals(window=60.0)
    _look(arrivals, 0, _line(ready=5, running=2), ended=1000)
    _look(arrivals, 20, _line(ready=0, running=1), ended=1106)

    rate = arrivals.rate(LINE, seconds=1.0)

    assert rate is not None
    assert rate.usual == pytest.approx(5.0)  # 106 have ended, and there are six fewer than there were
    assert rate.certain == pytest.approx(4.5)


def test_nothing_is_said_of_what_was_hardly_looked_at() -> None:
    arrivals = Arrivals(window=60.0)
    assert arrivals.rate(LINE, 1.0) is None

    _look(arrivals, 0, _line(), ended=0)
    _look(arrivals, 5, _line(ready=100), ended=0)

    assert arrivals.rate(LINE, 1.0) is None


def test_a_few_long_tasks_that_come_together_are_no_stream_of_them() -> None:
    arrivals = Arrivals(window=60.0)
    _look(arrivals, 0, _line(), ended=0)
    _look(arrivals, 20, _line(ready=4), ended=0)

    rate = arrivals.rate(LINE, seconds=600.0)

    assert rate is not None
    assert rate.certain * 600.0 == pytest.approx(2.0)


def test_only_the_window_counts() -> None:
    arrivals = Arrivals(window=60.0)
    for second in range(200):
        _look(arrivals, second, _line(), ended=100 * min(second, 100))

    rate = arrivals.rate(LINE, 1.0)

    assert rate is not None
    assert rate.usual == 0.0


def test_the_age_of_each_part_of_a_queue_is_known_from_when_it_came() -> None:
    arrivals = Arrivals(window=60.0)
    _look(arrivals, 0, _line(), ended=0)
    # A hundred come in the tenth second, and then one a second.
    for second in range(1, 31):
        trickle = max(0, second - 10)
        line = _line(ready=(100 if second >= 10 else 0) + trickle, oldest=max(0.0, second - 9.5), newest=0.5)
        _look(arrivals, second, line, ended=0)

    ages = dict(zip(SHARES, arrivals.ages(line), strict=True))

    assert ages == {0.25: 20.0, 0.5: 20.0, 0.75: 20.0, 1.0: 0.5}


def test_what_was_there_before_the_first_look_is_as_old_as_the_oldest() -> None:
    arrivals = Arrivals(window=60.0)
    line = _line(ready=100, oldest=40.0, newest=1.0)
    _look(arrivals, 0, line, ended=0)
    _look(arrivals, 1, line, ended=0)

    assert arrivals.ages(line) == [40.0, 40.0, 40.0, 1.0]


def test_slots_are_stuck_when_too_little_ends_for_what_is_busy() -> None:
    arrivals = Arrivals(window=60.0)
    for second in range(60):
        _look(arrivals, second, _line(running=6), ended=second)  # one slot ends a task of a second each second

    assert 3.5 < arrivals.stuck(LINE, seconds=1.0) <= 5.0
    assert arrivals.stuck(LINE, seconds=6.0) == 0.0


def test_tasks_run_at_least_as_long_as_they_were_seen_running() -> None:
    arrivals = Arrivals(window=600.0)
    for second in range(101):
        _look(arrivals, second, _line(running=4), ended=0)

    assert arrivals.least_run_time(LINE) == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("second", "ended", "word"),
    [
        (-30, 500, "the clock of Redis went back by 40 s"),
        (90, 500, "nothing was known for 80 s"),
        (11, 400, "Redis has forgotten"),
    ],
)
def test_what_cannot_be_compared_is_said_and_begins_anew(second: float, ended: int, word: str) -> None:
    arrivals = Arrivals(window=60.0)
    assert _look(arrivals, 0, _line(), ended=100) == ""
    assert _look(arrivals, 10, _line(), ended=500) == ""

    assert word in _look(arrivals, second, _line(), ended=ended)

    assert arrivals.rate(LINE, 1.0) is None
