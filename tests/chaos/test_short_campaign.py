"""Short campaigns, part of every run of the tests: each main fault once, and nothing is lost or committed twice."""

from pathlib import Path

import pytest

from tests.chaos import campaign
from tests.chaos.campaign import Plan
from tests.chaos.table import render
from tests.chaos.verdict import Verdict, judge

SEED = 20_261_121

FAULTS = (
    "worker-kill",
    "nursery-kill",
    "child-kill",
    "worker-freeze",
    "worker-drain",
    "clock-step",
    "connections-dropped",
    "redis-kill",
    "redis-hang",
    "redis-full",
    "redis-readonly",
    "hang-after-kill",
)


@pytest.mark.timeout(180)
def test_after_one_of_each_fault_nothing_is_lost_and_nothing_committed_twice(tmp_path: Path) -> None:
    plan = Plan(seed=SEED, faults=iter(FAULTS), tries=10, workers=3, hang=2.0)

    _holds(judge(campaign.run(plan, tmp_path)))


@pytest.mark.timeout(180)
def test_after_each_kind_of_failover_what_a_replica_had_confirmed_has_ended_once(tmp_path: Path) -> None:
    faults = iter(("sentinel-kill", "sentinel-hang", "sentinel-planned"))
    plan = Plan(seed=SEED, faults=faults, watched=True, tries=3, workers=2, hang=2.0, full=300)

    _holds(judge(campaign.run(plan, tmp_path)))


def _holds(verdict: Verdict) -> None:
    report = render(verdict)
    assert verdict.lost == (), report
    assert verdict.double_commits == (), report
    assert verdict.unexpected == (), report
    assert verdict.ok == verdict.acknowledged > 0, report
    assert verdict.unproven == (), report
