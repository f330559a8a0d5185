"""Whose turn it is: shares, order and patience, for any weights."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from heavylift.record import Executor, Priority
from heavylift.store.calls import stream_of
from heavylift.worker.turns import PRIORITIES, Ring, Turns

unhurried = settings(deadline=None)  # how long an example takes says something of the machine only
weights = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 20), min_size=1)


def first_of(ring: Ring, full: Iterable[str]) -> str:
    """Who gets the next turn when these have something, and pays for it."""
    first = next(name for name in ring.order() if name in set(full))
    ring.pay({first: 1})
    return first


def lane(priority: str, queue: str = "default") -> str:
    return stream_of(queue, Executor.PROCESS, priority)


@unhurried
@given(weights)
def test_of_as_many_turns_as_the_weights_add_up_to_each_gets_its_weight(given_weights: Mapping[str, int]) -> None:
    ring, period = Ring(given_weights), sum(given_weights.values())

    turns = [first_of(ring, given_weights) for _ in range(3 * period)]

    for start in range(2 * period):  # wherever one begins to count
        assert Counter(turns[start : start + period]) == Counter(given_weights)


@unhurried
@given(weights, st.data())
def test_who_always_has_something_waits_no_longer_when_others_come_and_go(given_weights: Mapping[str, int], data: Any) -> None:
    ring, patient = Ring(given_weights), data.draw(st.sampled_from(sorted(given_weights)))
    longest = 2 * -(-sum(given_weights.values()) // given_weights[patient])
    others = st.lists(st.sets(st.sampled_from(sorted(given_weights))), min_size=3 * longest, max_size=3 * longest)

    turns = [first_of(ring, {patient, *full}) for full in data.draw(others)]

    gaps = "".join("!" if turn == patient else "." for turn in turns).split("!")
    assert max(len(gap) for gap in gaps) <= longest


@unhurried
@given(weights, st.data())
def test_an_empty_one_costs_the_others_nothing(given_weights: Mapping[str, int], data: Any) -> None:
    full = data.draw(st.sets(st.sampled_from(sorted(given_weights)), min_size=1))
    ring, period = Ring(given_weights), sum(given_weights[name] for name in full)

    shares = Counter(first_of(ring, full) for _ in range(20 * period))

    for name in full:  # one turn may be under way when the counting ends
        assert abs(shares[name] - 20 * given_weights[name]) <= 1


def test_nobody_saves_up_turns_while_it_has_nothing() -> None:
    ring = Ring({"busy": 1, "idle": 1})
    for _ in range(1000):
        first_of(ring, {"busy"})

    turns = [first_of(ring, {"busy", "idle"}) for _ in range(10)]

    assert Counter(turns) == {"busy": 5, "idle": 5}


def test_turns_are_spread_and_not_bunched() -> None:
    ring = Ring({"h": 16, "n": 4, "l": 1})

    assert "".join(first_of(ring, "hnl") for _ in range(42)) == "hhhhnhhhhnhhhhnhhhhnl" * 2


@unhurried
@given(weights, st.lists(st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 64), min_size=1)))
def test_a_strict_ring_never_changes_its_order(given_weights: Mapping[str, int], paid: list[Mapping[str, float]]) -> None:
    ring = Ring(given_weights, strict=True)

    for turns in paid:
        ring.pay({name: had for name, had in turns.items() if name in given_weights})
        assert list(ring.order()) == list(given_weights)


def test_of_ten_thousand_turns_each_queue_and_each_priority_gets_its_share() -> None:
    queues = {"default": 1, "mail": 3, "bulk": 1}
    turns, shares = Turns(queues), Counter[str]()

    for _ in range(10_000):
        first = next(stream for stream in turns.order() if "returned" not in stream)
        turns.pay({first: 1})
        shares[first] += 1

    for queue, priority in product(queues, PRIORITIES):
        expected = 10_000 * queues[queue] / 5 * PRIORITIES[priority] / 21
        assert shares[lane(priority, queue)] == pytest.approx(expected, rel=0.02)


def test_a_queue_cannot_take_the_turns_of_another_by_calling_everything_urgent() -> None:
    turns, shares = Turns({"loud": 1, "modest": 1}), Counter[str]()

    for _ in range(100):
        full = [lane("high", "loud"), lane("low", "modest")]
        first = next(stream for stream in turns.order() if stream in full)
        turns.pay({first: 1})
        shares[first] += 1

    assert set(shares.values()) == {50}


def test_what_came_back_goes_first_in_its_queue_and_only_the_queue_pays() -> None:
    turns = Turns({"default": 1, "mail": 1})
    turns.pay({lane("returned"): 1})

    order = turns.order()

    assert order[0] == lane("returned", "mail")
    assert order[4:] == [lane("returned"), *(lane(priority) for priority in Priority)]


def test_without_turns_the_order_is_that_of_the_names_and_of_the_priorities() -> None:
    turns = Turns({"b": 1, "a": 100}, strict_queues=True, strict_priorities=True)

    for _ in range(50):
        assert turns.order() == [lane(name, queue) for queue in "ba" for name in ("returned", "high", "normal", "low")]
        turns.pay({turns.order()[1]: 1})


def test_kinds_of_child_that_share_a_lane_take_it_in_turn() -> None:
    turns = Turns({"default": 1}, (Executor.PROCESS, Executor.THREADS))
    both = {stream_of("default", executor, "normal") for executor in (Executor.PROCESS, Executor.THREADS)}

    got = []
    for _ in range(6):
        got.append(next(stream for stream in turns.order() if stream in both))
        turns.pay({got[-1]: 1})

    assert len(set(got[:2])) == 2
    assert got[0::2] == [got[0]] * 3


def test_when_everything_was_empty_the_most_urgent_goes_first_again() -> None:
    turns = Turns({"default": 1})
    beginning = turns.order()
    turns.pay({lane("high"): 5})
    assert turns.order() != beginning

    turns.start_anew()

    assert turns.order() == beginning
