"""How long tasks run, by kind."""

import pytest

from heavylift.record import Executor
from heavylift.store.calls import Line, Runs
from heavylift_autoscaler.run_times import GUESS, HALF_LIFE, RunTimes
from heavylift_autoscaler.startup import UNTIL_KNOWN, Startup

PROCESS = Executor.PROCESS


def _runs(kind: str, attempts: int, seconds: float) -> Runs:
    return Runs("q", PROCESS, kind, attempts, seconds)


def _line(**kinds: float) -> Line:
    return Line("q", PROCESS, 10, 0, kinds=kinds)


def test_a_new_leader_begins_with_all_that_ever_ran() -> None:
    times = RunTimes()
    times.learn([_runs("thumb", 1_000_000, 200_000.0)], 0.0)

    assert times.of_kind(("q", PROCESS, "thumb")) == pytest.approx(0.2)
    assert times.certain(_line()) > 0.99


def test_what_runs_now_soon_counts_more_than_what_ran_before() -> None:
    times = RunTimes()
    times.learn([_runs("thumb", 1_000_000, 200_000.0)], 0.0)
    for second in range(1, int(HALF_LIFE)):
        times.learn([_runs("thumb", 1_000_000 + 5 * second, 200_000.0 + 5 * second * 2.0)], 1.0)

    assert 1.8 < times.of_kind(("q", PROCESS, "thumb")) < 2.0


def test_a_rare_kind_is_remembered_and_does_not_speak_for_the_others() -> None:
    times = RunTimes()
    times.learn([_runs("thumb", 0, 0.0), _runs("video", 50, 5_000.0)], 0.0)
    for second in range(1, 1200):
        times.learn([_runs("thumb", 10 * second, 1.0 * second), _runs("video", 50, 5_000.0)], 1.0)

    assert times.of_kind(("q", PROCESS, "video")) == pytest.approx(100.0)
    assert times.of_line(_line()) < 0.5


def test_what_waits_takes_as_long_as_its_kinds() -> None:
    times = RunTimes()
    times.learn([_runs("thumb", 1000, 100.0), _runs("video", 1000, 60_000.0)], 0.0)

    assert times.of_waiting(_line(thumb=9.0, video=1.0), least=0.0) == pytest.approx(6.09)


def test_of_a_kind_that_never_ran_the_line_and_what_was_seen_speak() -> None:
    times = RunTimes()
    assert times.of_waiting(_line(new=1.0), least=0.0) == GUESS
    assert times.of_waiting(_line(new=1.0), least=40.0) == 40.0

    times.learn([_runs("thumb", 1000, 100.0)], 0.0)

    assert times.of_waiting(_line(new=1.0), least=0.0) == pytest.approx(0.1)


def test_few_attempts_are_relied_on_for_a_part() -> None:
    times = RunTimes()
    assert times.certain(_line()) == 0.0

    times.learn([_runs("thumb", 4, 4.0)], 0.0)

    assert times.certain(_line()) == pytest.approx(0.5)


def test_the_start_up_of_pods_is_learnt_from_the_slower_ones() -> None:
    startup = Startup()
    assert startup.seconds == UNTIL_KNOWN

    for seconds in (100.0, *[4.0] * 10, *[6.0] * 10):  # the first is forgotten
        startup.learn(seconds)

    assert startup.seconds == 6.0
