"""What slots start, and how long the last of a backlog waits."""

import math

import hypothesis.strategies as st
import pytest
from hypothesis import given

from heavylift_autoscaler.capacity import Capacity, capacity_of, slots_to_start
from heavylift_autoscaler.fleet import Fleet

slots = st.integers(0, 50)
seconds = st.floats(0.01, 1000.0)
capacities = st.builds(Capacity, free=slots, busy=slots, stuck=slots, starting=slots, starting_in=st.floats(0.0, 60.0))


@given(capacities, seconds, st.integers(1, 10_000))
def test_the_last_task_starts_when_as_many_have_been_started(capacity: Capacity, run: float, tasks: int) -> None:
    at = capacity.last_start(tasks, run)

    if math.isinf(at):
        assert capacity.free == capacity.busy == capacity.starting == 0
    else:
        assert capacity.starts(at + 1e-6, run) >= tasks * (1 - 1e-6) - 1e-3
        earlier = at * 0.99 - 1e-3
        assert earlier <= 0 or tasks <= capacity.free or capacity.starts(earlier, run) < tasks


@given(st.integers(0, 1000), slots, seconds, st.floats(1.0, 600.0))
def test_the_least_slots_start_just_what_is_asked_of_them(tasks: int, running: int, run: float, within: float) -> None:
    needed = slots_to_start(tasks, running, run, within)

    if needed >= running:
        capacity = Capacity(free=needed - running, busy=running)
        assert capacity.starts(within, run) == pytest.approx(tasks, abs=1e-6)


def test_a_task_that_lasts_needs_one_slot_and_not_many() -> None:
    assert slots_to_start(5, 0, seconds=3600.0, within=10.0) == pytest.approx(5, rel=0.01)


def test_what_is_stuck_starts_nothing_and_what_starts_only_when_it_is_there() -> None:
    assert Capacity(stuck=10).starts(1000.0, 1.0) == 0
    assert math.isinf(Capacity(stuck=10).last_start(1, 1.0))
    assert Capacity(starting=2, starting_in=8.0).starts(7.9, 1.0) == 0
    assert Capacity(starting=2, starting_in=8.0).starts(10.0, 1.0) == 6
    assert Capacity(starting=2, starting_in=8.0).last_start(6, 1.0) == 10.0


def test_pods_that_leave_have_their_share_of_what_runs() -> None:
    capacity = capacity_of(Fleet(ordered=2, ready=2, leaving=2), slots=4, running=8, stuck=0)

    assert (capacity.free, capacity.busy) == (4, 4)
