"""Every replica tells what the acting one decided, and nothing that is old."""

from dataclasses import replace
from datetime import datetime

import pytest

from heavylift.store.calls import Condition, PoolDecision, ReadScaling, ScalingMode, ScalingReport, TellScaling
from heavylift.store.redis import RedisStore
from heavylift_autoscaler.recommendation import Rule
from heavylift_autoscaler.told import STALE, Told

DECISION = PoolDecision(
    pool="default",
    deployment="worker-default",
    mode=ScalingMode.ADVISING,
    current=2,
    target=5,
    wanted=5,
    rule="need",
    reason="scaling from 2 to 5: there is much to do",
    would_wait=60.0,
    startup=8.0,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told(redis_store: RedisStore, clock: Clock) -> Told:
    return Told(redis_store, ("default", "video"), tick=1.0, clock=clock)


def _decide(store: RedisStore, told: Told, *decisions: PoolDecision) -> None:
    """As the acting replica does it at one moment and at another, and this one looks each time."""
    moments: set[datetime | None] = set()
    while len(moments) < 2:
        store.run(TellScaling(ScalingReport("one", decisions)))
        told.look()
        report = store.run(ReadScaling()).report
        moments.add(report.at if report else None)


def test_what_was_recommended_is_told_by_who_did_not_decide_it(redis_store: RedisStore, told: Told):
    _decide(redis_store, told, DECISION)

    assert told.recommended("default") == 5
    assert told.recommended("video") is None


def test_where_somebody_steers_that_is_told(redis_store: RedisStore, told: Told):
    _decide(redis_store, told, replace(DECISION, target=3))

    assert told.recommended("default") == 3


def test_a_report_that_is_found_may_be_old_and_is_not_told(redis_store: RedisStore, told: Told):
    redis_store.run(TellScaling(ScalingReport("one", (DECISION,))))
    told.look()
    told.look()

    assert told.recommended("default") is None


def test_what_nobody_decides_any_more_grows_old(redis_store: RedisStore, told: Told, clock: Clock):
    _decide(redis_store, told, DECISION)
    clock.now = STALE + 0.1
    told.look()

    assert told.recommended("default") is None


@pytest.mark.parametrize(
    "decision",
    [
        replace(DECISION, mode=ScalingMode.ACTING),  # of before the engine was changed
        replace(DECISION, mode=ScalingMode.DRY_RUN),
        replace(DECISION, rule=str(Rule.UNKNOWN)),
        replace(DECISION, conditions=(Condition("api", "the API server does not answer"),)),
    ],
    ids=["acting", "dry run", "unknown store", "silent API server"],
)
def test_a_number_that_is_no_advice_is_not_told(redis_store: RedisStore, told: Told, decision: PoolDecision):
    """Where the cluster was silent it may even be 0."""
    _decide(redis_store, told, decision)

    assert told.recommended("default") is None


def test_a_pool_that_is_not_there_is_no_pool_that_nothing_is_known_of(told: Told):
    with pytest.raises(KeyError):
        told.recommended("gpu")
