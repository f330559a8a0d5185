"""A short campaign, part of every run of the tests: each main fault once, and nothing is lost or committed twice."""

from pathlib import Path

import pytest

from tests.chaos import campaign
from tests.chaos.campaign import Plan
from tests.chaos.table import render
from tests.chaos.verdict import judge

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
    "hang-after-kill",
)


@pytest.mark.timeout(180)
def test_after_one_of_each_fault_nothing_is_lost_and_nothing_committed_twice(tmp_path: Path) -> None:
    plan = Plan(seed=SEED, faults=iter(FAULTS), tries=10, workers=3, hang=2.0)

    verdict = judge(campaign.run(plan, tmp_path))

    report = render(verdict)
    assert verdict.lost == (), report
    assert verdict.double_commits == (), report
    assert verdict.unexpected == (), report
    assert verdict.ok == verdict.acknowledged > 0, report
    assert verdict.unproven == (), report
