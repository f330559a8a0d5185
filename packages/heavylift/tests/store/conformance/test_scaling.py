"""What was decided about the size of the pools, and how people steer it, is there for whoever asks."""

from dataclasses import replace
from typing import Any

from heavylift.store import calls
from heavylift.store.calls import Condition, PoolDecision, ScalingMode, ScalingReport, Steering

DECISION = PoolDecision(
    pool="web",
    deployment="worker-web",
    mode=ScalingMode.ACTING,
    current=2,
    target=5,
    wanted=5,
    rule="need",
    reason="scaling from 2 to 5: 90 ready tasks of 1 s would wait 45 s, 30 s were promised",
    would_wait=45.0,
    startup=8.0,
    conditions=(Condition("quota", "no quota is left"),),
)
REPORT = ScalingReport("pod-1", (DECISION,), {"lost": "1 task waits in the queue lost"})
FREEZE = Steering(None, "release day", "ada")


def _read(subject: Any) -> calls.Scaling:
    scaling: calls.Scaling = subject.run(calls.ReadScaling())
    return scaling


def test_where_nobody_decided_nothing_is_told(subject: Any) -> None:
    assert _read(subject) == calls.Scaling(None, {})


def test_the_latest_decisions_take_the_place_of_all_before(subject: Any) -> None:
    subject.run(calls.TellScaling(ScalingReport("pod-0", (DECISION, replace(DECISION, pool="gone")))))

    subject.run(calls.TellScaling(REPORT))

    report = _read(subject).report
    assert report is not None
    assert report.at is not None
    assert abs((report.at - subject.now()).total_seconds()) < 5
    assert replace(report, at=None) == REPORT


def test_a_wait_without_end_is_told_as_none(subject: Any) -> None:
    subject.run(calls.TellScaling(ScalingReport("pod-1", (replace(DECISION, would_wait=None),))))

    report = _read(subject).report

    assert report is not None
    assert report.decisions[0].would_wait is None


def test_what_somebody_wants_of_a_pool_holds_until_it_is_taken_back(subject: Any) -> None:
    subject.run(calls.Steer("web", FREEZE))
    subject.run(calls.Steer("mail", replace(FREEZE, replicas=3), seconds=60.0))

    steering = _read(subject).steering

    assert list(steering) == ["mail", "web"]
    assert (steering["web"].reason, steering["web"].by, steering["web"].until) == ("release day", "ada", None)
    assert steering["mail"].replicas == 3
    assert steering["mail"].since is not None
    assert steering["mail"].until is not None
    assert (steering["mail"].until - steering["mail"].since).total_seconds() == 60.0
    subject.run(calls.Steer("web", None))
    assert list(_read(subject).steering) == ["mail"]


def test_what_somebody_wanted_for_a_while_is_over_with_its_time(subject: Any) -> None:
    subject.run(calls.Steer("web", replace(FREEZE, replicas=0), seconds=0.4))
    assert _read(subject).steering["web"].replicas == 0

    subject.elapse(0.41)

    assert _read(subject).steering == {}
