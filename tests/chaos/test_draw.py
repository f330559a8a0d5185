"""A seed draws the same campaign again."""

from itertools import islice

from tests.chaos.draw import after, endless, kills_in
from tests.chaos.faults import ALONE, FAULTS, WATCHED
from tests.chaos.history import Blow

KILL = Blow("child-kill", at=0.0, until=0.0, proof="1 run was cut short")
MISS = Blow("child-kill", at=0.0, until=0.0, proof="")
HANG = Blow("redis-hang", at=0.0, until=0.0, proof="it did not answer")


def test_the_same_seed_draws_the_same_faults_and_another_others() -> None:
    first, again, other = (list(islice(endless(seed, only=(), kills=False, watched=False), 50)) for seed in (7, 7, 8))

    assert first == again
    assert first != other
    drawn = [set(islice(endless(7, only=(), kills=True, watched=watched), 5000)) for watched in (False, True)]

    assert drawn == [set(FAULTS) - WATCHED, set(FAULTS) - ALONE]


def test_only_a_kill_that_hit_counts_as_a_kill() -> None:
    assert kills_in([KILL, MISS, HANG]) == 1


def test_it_is_enough_after_the_kills_or_the_seconds_whichever_comes_first() -> None:
    done = after(kills=1, seconds=10.0)

    assert [done([MISS], 1.0), done([KILL], 1.0), done([MISS], 10.0)] == [False, True, True]
