"""Slots for what comes in and for what waits."""

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given

from heavylift_autoscaler.arrivals import SHARES
from heavylift_autoscaler.capacity import Capacity
from heavylift_autoscaler.demand import Demand
from heavylift_autoscaler.need import AIM, Cause, need
from heavylift_autoscaler.promise import Promise

tasks = st.integers(0, 5000)
slots = st.integers(0, 40)
seconds = st.floats(0.01, 1000.0)
waits = st.floats(1.0, 600.0)
startups = st.floats(0.0, 120.0)
capacities = st.builds(Capacity, free=slots, busy=slots, stuck=slots, starting=slots, starting_in=st.floats(0.0, 60.0))
ages = st.lists(st.floats(0.0, 100.0), min_size=len(SHARES), max_size=len(SHARES)).map(
    lambda drawn: tuple(zip(SHARES, sorted(drawn, reverse=True), strict=True))
)
demands = st.builds(Demand, waiting=tasks, coming=tasks, ages=ages, seconds=seconds, usual=seconds, offered=st.floats(0.0, 100.0))


@given(demands, capacities, waits, startups, st.integers(0, 1000))
def test_more_that_waits_never_needs_fewer(demand: Demand, capacity: Capacity, wait: float, startup: float, more: int) -> None:
    promise = Promise(wait=wait)

    before = need(demand, capacity, promise, startup)
    after = need(replace(demand, waiting=demand.waiting + more), capacity, promise, startup)

    assert after.slots >= before.slots - 1e-9
    assert after.would_wait >= before.would_wait - 1e-9


@given(demands, st.builds(Capacity, free=slots, busy=slots, stuck=slots), waits, startups)
def test_what_was_ordered_is_enough_and_is_not_ordered_again(
    demand: Demand, capacity: Capacity, wait: float, startup: float
) -> None:
    promise, demand = Promise(wait=wait), replace(demand, offered=0.0)
    needed = need(demand, capacity, promise, startup).slots

    ordered = replace(capacity, starting=max(0.0, needed - capacity.slots), starting_in=startup)

    assert need(demand, ordered, promise, startup).slots <= ordered.slots + 1e-6


@given(demands, capacities, waits, startups)
def test_no_task_is_given_more_than_a_slot(demand: Demand, capacity: Capacity, wait: float, startup: float) -> None:
    found = need(replace(demand, offered=0.0), capacity, Promise(wait=wait), startup)

    assert found.slots <= capacity.slots + demand.waiting + demand.coming


def test_the_promise_is_kept_by_what_is_needed_where_there_is_time() -> None:
    demand, promise = Demand(waiting=340, seconds=0.8), Promise(wait=30.0)
    there = Capacity(free=2.0)

    found = need(demand, there, promise, startup=8.0)

    assert found.cause is Cause.BACKLOG
    assert found.would_wait > 100
    kept = replace(there, starting=found.slots - 2, starting_in=8.0)
    assert kept.last_start(340, 0.8) <= AIM * 30.0 + 1e-6


def test_nothing_needs_nothing() -> None:
    found = need(Demand(), Capacity(free=4), Promise(), startup=8.0)

    assert (found.slots, found.cause, found.would_wait) == (0.0, Cause.NOTHING, 0.0)
