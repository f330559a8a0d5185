"""Slots for steady work."""

import math

import hypothesis.strategies as st
import pytest
from hypothesis import given

from heavylift_autoscaler.waiting_line import LATE, steady_slots

offered_work = st.floats(0.01, 200.0)
run_times = st.floats(0.01, 3600.0)
waits = st.floats(0.5, 3600.0)


def _late(slots: int, offered: float, seconds: float, wait: float) -> float:
    """The share that waits longer, by the textbook's sums and not by the recursion."""
    terms = [math.exp(k * math.log(offered) - math.lgamma(k + 1)) for k in range(slots)]
    last = math.exp(slots * math.log(offered) - math.lgamma(slots + 1)) * slots / (slots - offered)
    return last / (sum(terms) + last) * math.exp(-(slots - offered) * wait / seconds)


@given(offered_work, run_times, waits)
def test_with_the_slots_of_steady_work_few_are_late_and_with_one_less_some_are(
    offered: float, seconds: float, wait: float
) -> None:
    slots = int(steady_slots(offered, seconds, wait, utilisation=1.0))

    assert _late(slots, offered, seconds, wait) <= LATE * 1.001
    if slots - 1 > offered:
        assert _late(slots - 1, offered, seconds, wait) > LATE * 0.999


@given(offered_work, offered_work, run_times, waits)
def test_more_work_never_takes_fewer_slots(one: float, another: float, seconds: float, wait: float) -> None:
    less, more = sorted((one, another))

    assert steady_slots(less, seconds, wait, 0.8) <= steady_slots(more, seconds, wait, 0.8)


@given(offered_work, run_times, waits, waits)
def test_a_longer_promise_never_takes_more_slots(offered: float, seconds: float, one: float, another: float) -> None:
    shorter, longer = sorted((one, another))

    assert steady_slots(offered, seconds, longer, 0.8) <= steady_slots(offered, seconds, shorter, 0.8)


def test_short_tasks_need_little_more_than_their_work_and_long_ones_idle_slots() -> None:
    assert steady_slots(8.0, 0.8, 30.0, utilisation=0.8) == pytest.approx(10.0)
    assert steady_slots(8.0, 600.0, 5.0, utilisation=0.8) >= 15.0


def test_no_work_needs_nothing() -> None:
    assert steady_slots(0.0, 1.0, 30.0, 0.8) == 0.0
