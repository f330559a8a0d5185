"""A few thousand tasks through Heavylift and through Celery, in the workspace's own environment: does it hold together?

How fast either is, is not asked here.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.drain import COSTS, drain
from bench.effort import FULL, QUICK, Effort
from bench.measure.everything import EVERYTHING
from bench.measurement import Case, Measurement
from bench.rounds import in_turns
from bench.systems.celery import Celery
from bench.systems.heavylift import Heavylift
from bench.systems.system import Shape, Stalled, System

TASKS = 3_000  # So many that no worker is done with them before the first look.
TINY = Effort(seconds=0.5, submitted=100, paced=20, paused=20, crowd=50, depths=(100,), delayed=100, weighed=100)

Make = Callable[[], System]


def heavylift() -> System:
    return Heavylift(Shape("process", 2))


def celery() -> System:
    return Celery(Shape("threads", 1, 4), python=Path(sys.executable))


BOTH = pytest.mark.parametrize("make", [heavylift, celery])


@BOTH
def test_all_that_is_submitted_is_queued_then_done_with_a_result(make: Make) -> None:
    with make() as system:
        system.fill(TASKS)
        assert system.done() == 0

        costs = drain(system, TASKS)

        assert system.done() == TASKS
        assert system.results() == TASKS
        assert set(costs) == set(COSTS)
        assert costs["rate"] > 0
        assert 0 < costs["commands"] < 100
        assert costs["worker_memory"] > 10_000_000


@BOTH
def test_tasks_note_when_they_were_sent_and_when_they_ran(make: Make) -> None:
    with make() as system:
        system.start()
        system.await_ready()

        system.submit("stamp", 20, pace=200)
        system.await_done(system.submitted, within=30)

        times = system.times()
        assert len(times) == 20
        assert all(0 <= picked - sent < 30 for sent, picked in times)


def test_delayed_tasks_are_neither_queued_nor_done() -> None:
    with heavylift() as system:
        system.fill(50, delay=3600)

        assert (system.queued(), system.done()) == (0, 0)


def test_a_worker_that_ends_is_told_of_with_its_last_words() -> None:
    class Broken(Celery):
        def worker_command(self, python: Path) -> list[str]:
            return [str(python), "-c", "print('I cannot')"]

    with Broken(Shape("threads", 1, 4), python=Path(sys.executable)) as system:
        system.start()

        with pytest.raises(Stalled, match="I cannot"):
            system.await_done(1, within=10)


@pytest.mark.parametrize("measurement", EVERYTHING, ids=lambda measurement: measurement.name)
def test_every_measurement_of_ours_fills_every_column(measurement: Measurement) -> None:
    ours = measurement.cases(TINY)[0]

    values = ours.measure()

    assert ours.name.startswith("heavylift")
    assert {column.key for column in measurement.columns} <= set(values)
    assert all(value >= 0 for value in values.values())


@pytest.mark.parametrize("measurement", EVERYTHING, ids=lambda measurement: measurement.name)
def test_names_of_cases_are_unique_and_each_is_compared_with_one_of_them(measurement: Measurement) -> None:
    cases = measurement.cases(FULL)

    names = [case.name for case in cases]
    assert len(set(names)) == len(names)
    assert {case.base for case in cases} <= set(names)


def test_rounds_take_turns_and_a_failure_takes_nobody_along() -> None:
    # Given three cases, of which the second fails
    order: list[str] = []

    def case(name: str) -> Case:
        def measure() -> dict[str, float]:
            order.append(name)
            if name == "b":
                raise Stalled("it stood still")
            return {"rate": 1.0}

        return Case(name, name.upper(), "a", measure)

    measurement = Measurement("m", "M", lambda _: "", (), (), lambda _: [case("a"), case("b"), case("c")])

    found = in_turns(measurement, QUICK, 2)

    assert order == ["a", "b", "c", "c", "b", "a"]
    assert found["a"]["rounds"] == [{"rate": 1.0}] * 2
    assert found["b"]["rounds"] == [{}, {}]
    assert found["b"]["errors"] == ["round 1: it stood still", "round 2: it stood still"]


def test_picked_cases_bring_along_what_they_are_compared_with() -> None:
    cases = [Case(name, name, "a", lambda: {"rate": 1.0}) for name in ("a", "b", "bb", "c")]
    measurement = Measurement("m", "M", lambda _: "", (), (), lambda _: cases)

    assert list(in_turns(measurement, QUICK, 1, only=["b"])) == ["a", "b", "bb"]
