"""What is recommended, for whatever store and cluster say."""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from heavylift.record import Executor
from heavylift.store.calls import Line, Runs
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.recommendation import Rule
from heavylift_autoscaler.recommender import SETTLING, STALE
from heavylift_autoscaler.unserved import unserved
from tests.support.pool_stage import Stage

Stages = Callable[..., Stage]


@pytest.fixture
def stage() -> Stages:
    """``stage(pods, **promise)``."""

    def make(pods: int = 0, **promise: Any) -> Stage:
        return Stage(Promise(**promise), pods=pods)

    return make


class TestGrowing:
    def test_the_first_task_gets_a_pod_with_the_first_look(self, stage: Stages) -> None:
        pool = stage()
        pool.has(ready=1)

        said = pool.tick()

        assert (said.pods, said.rule) == (1, Rule.NEED)
        assert said.reason == "scaling from 0 to 1: 1 ready task of 0.8 s would wait for ever, 30 s were promised"

    def test_a_backlog_that_would_wait_too_long_gets_the_pods_that_start_it_in_time(self, stage: Stages) -> None:
        pool = stage(pods=2, maximum=50)
        pool.has(ready=340)

        said = pool.tick()

        assert said.pods == 16
        assert said.reason == "scaling from 2 to 16: 340 ready tasks of 0.8 s would wait 135 s, 30 s were promised"

    def test_what_waits_in_a_paused_queue_gets_no_pods_and_the_reason_says_so(self, stage: Stages) -> None:
        pool = stage(pods=2, maximum=50)
        pool.has(ready=340, running=2, due_soon=7)
        pool.paused = frozenset({"default", "elsewhere"})

        said = pool.tick()

        assert said.pods == 2
        assert said.reason.endswith("; the queue default is paused, with 340 tasks ready")
        pool.foresees(9, within=1.0)
        assert pool.tick().pods == 2

        pool.paused, pool.foreseen = frozenset(), ()
        assert pool.tick().pods == 16

    def test_a_pool_whose_only_queue_is_paused_goes_down_when_nothing_runs(self, stage: Stages) -> None:
        pool = stage(pods=8, maximum=50)
        pool.has(ready=0, running=8)
        for _ in range(200):
            pool.end(15, 0.8)
            pool.tick()
        assert pool.pods >= 14

        pool.has(ready=1000)
        pool.paused = frozenset({"default"})

        assert pool.ticks(400).pods == 0

    def test_what_never_ran_is_guessed_and_the_reason_says_so(self, stage: Stages) -> None:
        pool = stage(pods=1)
        pool.runs = ()
        pool.has(ready=100)

        assert pool.tick().reason.startswith("scaling from 1 to 6: 100 ready tasks of perhaps 1 s would wait 99 s")

    def test_a_backlog_that_is_started_in_time_gets_nothing_more(self, stage: Stages) -> None:
        pool = stage(pods=10)
        pool.has(ready=200)

        assert pool.tick().pods == 10

    def test_tasks_that_last_get_a_pod_each_and_no_more(self, stage: Stages) -> None:
        pool = stage(wait=5.0, maximum=100)
        pool.runs = (Runs("default", Executor.PROCESS, "work", 100, 60_000.0),)
        pool.has(ready=7)

        assert pool.tick().pods == 7

    def test_the_kinds_of_what_waits_are_looked_at_and_not_only_what_ran_lately(self, stage: Stages) -> None:
        pool = stage(pods=1, maximum=100)
        pool.runs = (
            Runs("default", Executor.PROCESS, "thumb", 1_000_000, 100_000.0),
            Runs("default", Executor.PROCESS, "video", 100, 6_000.0),
        )
        pool.has(ready=50, kinds={"thumb": 50.0})
        assert pool.tick().pods == 1

        pool.has(ready=50, kinds={"video": 50.0})
        assert pool.tick().pods > 30

    def test_what_comes_in_gets_pods_before_anything_has_to_wait(self, stage: Stages) -> None:
        pool = stage(pods=8, maximum=50)
        pool.has(ready=0, running=8)
        for _ in range(200):
            pool.end(15, 0.8)
            pool.tick()

        assert pool.pods >= 14
        assert pool.tick().would_wait < 1

    def test_what_is_due_soon_counts_as_if_it_were_there(self, stage: Stages) -> None:
        pool = stage()
        pool.has(due_soon=600)

        said = pool.tick()

        assert said.pods == 10
        assert said.reason.startswith("scaling from 0 to 10: 29 are needed and 10 allowed: 600 due tasks of 0.8 s")

    def test_a_schedule_that_fires_soon_is_prepared_for_and_one_that_fires_later_is_not(self, stage: Stages) -> None:
        pool = stage()

        pool.foresees(100, within=60.0)
        assert pool.tick().pods == 0
        pool.foresees(100, within=7.0)
        said = pool.tick()

        assert said.pods > 3
        assert "100 due tasks of 0.8 s, 100 of them scheduled at 00:00:09, would wait" in said.reason

    def test_tasks_that_have_become_slow_are_noticed_before_the_first_has_ended(self, stage: Stages) -> None:
        pool = stage(pods=4, maximum=100)
        for second in range(60):
            pool.has(ready=second, running=4)
            pool.tick()

        assert pool.pods >= 5


class TestShrinking:
    def test_fewer_are_there_only_when_fewer_were_enough_for_five_minutes(self, stage: Stages) -> None:
        pool = stage(pods=5)

        said = pool.ticks(300)
        assert (said.pods, said.rule) == (5, Rule.CALM)
        assert said.reason == "staying at 5: 0 would do now, and 5 is the most that was needed in the last 300 s"

        said = pool.ticks(2)
        assert (said.pods, said.needed) == (0, 0)

    def test_never_below_what_runs(self, stage: Stages) -> None:
        pool = stage(pods=9, slots={Executor.PROCESS: 2})
        pool.has(running=9)

        said = pool.ticks(400)

        assert (said.pods, said.rule) == (5, Rule.RUNNING)
        assert said.reason == "staying at 5: 0 would do, but 9 tasks are running"

    def test_a_maximum_below_what_runs_lets_it_end(self, stage: Stages) -> None:
        pool = stage(pods=8, maximum=3)
        pool.has(ready=1000, running=6)

        said = pool.tick()
        assert (said.pods, said.rule) == (6, Rule.MAXIMUM)

        pool.has(ready=1000, running=2)
        assert pool.tick().pods == 3

    def test_the_minimum_stays(self, stage: Stages) -> None:
        pool = stage(pods=4, minimum=2)

        said = pool.ticks(303)

        assert (said.pods, said.rule) == (2, Rule.MINIMUM)
        assert said.reason == "staying at 2: there are never fewer than 2, and nothing waits, runs or comes in"


class TestNotKnowing:
    def test_silence_of_the_store_holds(self, stage: Stages) -> None:
        pool = stage(pods=5)
        pool.ticks(290)

        while not (said := pool.tick(heard=False)).reason.startswith("holding"):
            assert said.pods == 5
        for _ in range(1000):
            said = pool.tick(heard=False)

        assert (said.pods, said.rule) == (5, Rule.UNKNOWN)
        assert said.reason.startswith("holding at 5: the store has said nothing for 10")
        assert said.needed is None

    def test_who_knows_nothing_yet_holds(self, stage: Stages) -> None:
        said = stage(pods=3).tick(heard=False)

        assert said.reason == "holding at 3: the store has not told anything yet"

    def test_what_is_told_to_be_unknown_holds_and_nothing_is_taken_away_for_a_while_after(self, stage: Stages) -> None:
        pool = stage(pods=5)
        pool.ticks(310)
        assert pool.pods == 0
        pool.pods = 5

        said = pool.tick(unknown="Redis is changing its primary")
        assert (said.pods, said.reason) == (5, "holding at 5: Redis is changing its primary")

        said = pool.ticks(int(SETTLING) - 1)
        assert (said.pods, said.rule) == (5, Rule.UNKNOWN)
        assert said.reason.endswith("none is taken away so soon after a doubt: Redis is changing its primary")
        assert pool.ticks(2).pods == 0

    def test_a_store_that_forgot_something_takes_nothing_away_for_a_while(self, stage: Stages) -> None:
        pool = stage(pods=5)
        pool.ticks(310)
        pool.pods = 5
        (runs,) = pool.runs
        pool.runs = (Runs(runs.queue, runs.executor, runs.kind, runs.attempts - 50, runs.seconds - 40.0),)

        said = pool.tick()

        assert (said.pods, said.rule) == (5, Rule.UNKNOWN)
        assert "Redis has forgotten a part of what it knew" in said.reason

    def test_a_clock_that_goes_back_takes_nothing_away_for_a_while(self, stage: Stages) -> None:
        pool = stage(pods=5)
        pool.ticks(310)
        pool.pods = 5
        pool.clock = -100

        said = pool.tick()

        assert (said.pods, said.rule) == (5, Rule.UNKNOWN)
        assert "the clock of Redis went back by 99 s" in said.reason


class TestTheCluster:
    def test_pods_without_a_place_are_not_ordered_again(self, stage: Stages) -> None:
        pool = stage(pods=3)
        pool.has(ready=1000)
        pool.fleet = {"ready": 2, "unplaced": 1}

        said = pool.tick()

        assert (said.pods, said.rule) == (3, Rule.CLUSTER)
        assert said.reason.endswith("are needed, but 1 pod waits for a place in the cluster already")

    def test_pods_that_crash_at_their_start_are_not_ordered_again(self, stage: Stages) -> None:
        pool = stage(pods=3)
        pool.has(ready=1000)
        pool.fleet = {"ready": 0, "failing": 3}

        said = pool.tick()

        assert (said.pods, said.rule) == (3, Rule.CLUSTER)
        assert said.reason.endswith("but 3 pods do not get ready: look at their image and their logs")

    def test_one_bad_pod_among_many_holds_nobody_up(self, stage: Stages) -> None:
        pool = stage(pods=4)
        pool.has(ready=1000)
        pool.fleet = {"ready": 3, "failing": 1}

        assert pool.tick().pods == 10

    def test_pods_on_their_way_are_not_ordered_again(self, stage: Stages) -> None:
        pool = stage(pods=2)
        pool.has(ready=100)
        first = pool.tick().pods
        assert 2 < first < 10
        pool.fleet = {"ready": 2, "starting": first - 2, "ready_in": 7.0}

        assert pool.tick().pods == first


class TestQueues:
    def test_other_queues_are_none_of_its_business(self, stage: Stages) -> None:
        pool = stage()
        pool.lines = (Line("elsewhere", Executor.PROCESS, 1000, 0),)

        assert pool.tick().pods == 0

    def test_each_kind_of_child_has_slots_of_its_own_and_the_scarcest_counts(self, stage: Stages) -> None:
        pool = stage(slots={Executor.PROCESS: 1, Executor.ASYNCIO: 100}, maximum=100)
        pool.lines = (Line("default", Executor.PROCESS, 100, 0), Line("default", Executor.ASYNCIO, 100, 0))

        with_both = pool.tick().pods
        pool.lines = pool.lines[1:]

        assert with_both > 4
        alone = stage(slots={Executor.PROCESS: 1, Executor.ASYNCIO: 100}, maximum=100)
        alone.lines = pool.lines
        assert alone.tick().pods == 1

    def test_tasks_for_which_no_worker_exists_are_named(self, stage: Stages) -> None:
        pool = stage()
        pool.lines = (Line("lost", Executor.PROCESS, 3, 0), Line("default", Executor.PROCESS, 5, 0))
        pool.tick()
        assert pool.recommender.reply is not None

        said = unserved(pool.recommender.reply, [pool.promise])

        assert said == {"lost": "3 tasks wait in the queue lost, which no pool of workers serves: add it to the queues of one"}


class Anything(RuleBasedStateMachine):
    """Whatever store and cluster say, one after the other, these hold."""

    @initialize(
        pods=st.integers(0, 30),
        minimum=st.integers(0, 5),
        more=st.integers(0, 20),
        wait=st.floats(1.0, 120.0),
        slots=st.integers(1, 8),
    )
    def begin(self, pods: int, minimum: int, more: int, wait: float, slots: int) -> None:
        promise = Promise(minimum=minimum, maximum=minimum + more, wait=wait, slots={Executor.PROCESS: slots})
        self.pool = Stage(promise, pods=pods)
        self.slots = slots

    @rule(
        ready=st.integers(0, 3000),
        running=st.integers(0, 100),
        due=st.integers(0, 100),
        oldest=st.floats(0.0, 300.0),
        ended=st.integers(0, 200),
        seconds=st.floats(0.0, 600.0),
        heard=st.sampled_from([True, True, True, False]),
        unknown=st.sampled_from(["", "", "", "a failover"]),
        fleet=st.fixed_dictionaries(
            {}, optional={"starting": st.integers(0, 5), "unplaced": st.integers(0, 2), "failing": st.integers(0, 9)}
        ),
        repeat=st.sampled_from([1, 1, 1, 1, 1, 1, 1, 350]),
    )
    def tick(self, **drawn: Any) -> None:
        pool, promise = self.pool, self.pool.promise
        pool.has(**{name: drawn[name] for name in ("ready", "running")}, due_soon=drawn["due"], oldest_age=drawn["oldest"])
        pool.end(drawn["ended"], drawn["seconds"])
        pool.fleet = drawn["fleet"]
        for _ in range(drawn["repeat"]):
            before = pool.pods
            said = pool.tick(heard=drawn["heard"], unknown=drawn["unknown"])

            running = -(-drawn["running"] // self.slots)
            if said.rule is Rule.UNKNOWN:
                assert said.pods == max(before, promise.minimum)
            assert said.pods >= promise.minimum
            assert said.pods <= max(promise.maximum, before)
            if drawn["heard"] and not drawn["unknown"]:
                assert said.pods >= min(before, running)
            if drawn["fleet"].get("unplaced"):
                assert said.pods <= max(before, promise.minimum)
            assert said.reason
            assert "nan" not in said.reason


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=20, stateful_step_count=20, deadline=None, derandomize=True, database=None)


@given(st.integers(1, 2000), st.integers(0, 2000), st.integers(0, 20))
def test_a_longer_queue_never_gets_fewer_pods(ready: int, more: int, pods: int) -> None:
    def ask(number: int) -> int:
        pool = Stage(Promise(maximum=1000), pods=pods)
        pool.has(ready=number, running=pods)
        return pool.tick().pods

    assert ask(ready + more) >= ask(ready)


def test_a_store_that_is_silent_for_a_moment_is_not_doubted(stage: Stages) -> None:
    pool = stage(pods=1)
    pool.has(ready=1000)
    pool.tick()
    for _ in range(int(STALE)):
        assert pool.tick(heard=False).rule is not Rule.UNKNOWN
    assert pool.tick(heard=False).rule is Rule.UNKNOWN
