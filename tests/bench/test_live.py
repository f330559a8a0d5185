"""What is measured on a cluster: the load, what is seen, what it comes to, and what is said of it."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench.live import report
from bench.live.account import account, outcome, pod_seconds, turns
from bench.live.contenders import ALL, CPU, KEDA, OURS, TUNED, WAIT
from bench.live.ledger import joined
from bench.live.manifests import counted, with_password
from bench.live.requests import of_pool, read
from bench.live.results import keep, kept
from bench.live.scale_ins import Tally
from bench.live.seen import Order, PodLife, PoolSeen, TaskLife
from bench.live.shapes import ALL as SHAPES
from bench.live.shapes import BURST, LONG, STEADY, STEP, WAVE, Shape
from bench.live.watcher import Watcher
from bench.scaling.picture import picture
from tests.chaos.history import Held, Run

SEED = 7


def _pod(uid: str, *, ready: bool = False, leaving: bool = False, namespace: str = "pool") -> dict[str, Any]:
    about = {"uid": uid, "name": f"pod-{uid}", "namespace": namespace}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "metadata": about | ({"deletionTimestamp": "2026-01-01T00:00:00Z"} if leaving else {}),
        "status": {"conditions": conditions},
    }


def _task(submitted: float, *began: float, cut: int = 0) -> TaskLife:
    return TaskLife(f"{submitted}", submitted, began, cut, "succeeded")


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Watcher:
    """One that looks at nothing by itself."""
    return Watcher()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_load_is_the_same_for_all_and_fits_into_the_greatest_pool(shape: Shape):
    works = shape.tasks(SEED)

    assert works == shape.tasks(SEED) != shape.tasks(SEED + 1)
    assert all(before.at <= after.at for before, after in pairwise(works))
    assert all(0 <= work.at < shape.length for work in works)
    assert sum(work.seconds for work in works) < 5 * 2 * shape.length


def test_the_ideal_of_a_steady_load_is_whole_pods_with_some_room_and_their_start():
    assert STEADY.ideal(startup=5.0) == 2 * 360 + 2 * 5.0  # 3 slots of 2 a pod are busy, and a fifth is free


def test_the_ideal_follows_the_load_and_counts_each_start():
    assert STEP.ideal(startup=5.0) == 60 + 4 * 360 + 180 + (1 + 3) * 5.0


def test_the_ideal_of_what_comes_at_once_is_its_work_by_as_many_pods_as_start_it_in_time():
    assert BURST.ideal(startup=5.0) == 75.0 + 3 * 5.0


def test_long_tasks_are_longer_than_a_pod_has_to_stop_and_count_while_they_run():
    long = [work for work in WAVE.tasks(SEED) if work.kind == "long"]

    assert [work.seconds for work in long] == [LONG] * 8
    assert WAVE.ideal(0.0) > Shape("", "", WAVE.length, WAVE.rate).ideal(0.0)


def test_pods_cost_from_when_they_are_seen_until_they_are_gone_and_only_within_the_measurement():
    lives = [PodLife("pool", "a", created=5.0, gone=20.0), PodLife("pool", "b", created=12.0)]

    assert pod_seconds(lives, 10.0, 30.0) == 10.0 + 18.0


def test_a_number_that_goes_up_twice_and_down_once_turns_once():
    assert turns([Order(0, 1), Order(1, 2), Order(2, 4), Order(3, 1)]) == 1


def test_what_waits_longer_than_promised_is_late_for_as_long_as_it_does():
    tasks = [_task(0.0, 1.0), _task(0.0, WAIT + 10.0), _task(5.0, 6.0, 50.0), _task(5.0, 6.0, cut=1)]
    seen = PoolSeen(0.0, 100.0, [PodLife("pool", "a", 0.0, 4.0)], [Order(0, 1), Order(70, 2)], tasks, {"keda": 3, "hpa": 4})

    found = account(STEADY, seen, startup=4.0)

    assert (found.late_seconds, found.late_tasks, found.peak_wait) == (pytest.approx(10.0, abs=0.5), 0.25, WAIT + 10.0)
    assert (found.interrupted, found.decisions, found.requests, found.lost) == (2, 1, 7, 0)
    assert found.cost == found.pod_seconds / STEADY.ideal(4.0)


def test_a_pod_is_known_from_the_first_look_that_has_it_to_the_first_that_has_it_not(watcher: Watcher):
    watcher.learn_pods(1.0, [_pod("a"), _pod("b", ready=True, namespace="other")])
    watcher.learn_pods(2.0, [_pod("a", ready=True)])
    watcher.learn_pods(3.0, [_pod("a", ready=True, leaving=True)])
    watcher.learn_pods(4.0, [])

    assert watcher.of("pool") == [PodLife("pool", "pod-a", created=1.0, ready=2.0, leaving=3.0, gone=4.0)]
    assert [life.gone for life in watcher.of("other")] == [2.0]
    assert watcher.there("pool") == []


def test_only_a_number_that_changes_is_an_order(watcher: Watcher):
    for at, replicas in enumerate((1, 1, 3, 1)):
        watcher.learn_orders(float(at), [{"metadata": {"namespace": "pool"}, "spec": {"replicas": replicas}}])

    assert watcher.orders["pool"] == [Order(0, 1), Order(2, 3), Order(3, 1)]


def test_a_task_whose_run_left_no_last_mark_was_interrupted():
    record = {"id": "t", "submitted_at": "1970-01-01T00:00:10Z", "state": "succeeded", "attempt": 1}
    runs = [Run(Held("t", 2, 1), 1, 40.0, 41.0), Run(Held("t", 1, 1), 1, 12.0, None)]

    (life,) = joined([record], runs)

    assert life == TaskLife("t", 10.0, (12.0, 40.0), 1, "succeeded")
    assert (life.wait, life.interrupted) == (2.0, True)


def test_requests_are_counted_by_who_asks_about_which_pool():
    metrics = "\n".join(
        (
            'apiserver_flowcontrol_dispatched_requests_total{flow_schema="bench-keda.pool",priority_level="workload-low"} 12',
            'apiserver_flowcontrol_dispatched_requests_total{flow_schema="bench-hpa.pool",priority_level="workload-high"} 1e+01',
            'apiserver_flowcontrol_dispatched_requests_total{flow_schema="bench-hpa.other",priority_level="workload-high"} 3',
            'apiserver_flowcontrol_dispatched_requests_total{flow_schema="global-default",priority_level="global-default"} 9',
        )
    )

    assert of_pool(read(metrics) - Counter({"keda.pool": 2}), "pool") == {"keda": 10, "hpa": 10}


def test_a_flow_comes_before_those_of_kubernetes_and_has_the_level_that_its_account_has():
    ours, hpa = counted("a", ("pool", "autoscaler")), counted("b", ("kube-system", "horizontal-pod-autoscaler"), namespace="pool")

    assert ours["spec"]["priorityLevelConfiguration"] == {"name": "workload-low"}
    assert hpa["spec"]["priorityLevelConfiguration"] == {"name": "workload-high"}
    assert ours["spec"]["matchingPrecedence"] < 100


def test_keda_as_it_comes_says_nothing_that_its_documentation_has_by_itself():
    made = with_password(KEDA.scalers("pool", "workers", "redis", False), "secret")

    (secret, _, scaled) = made
    assert secret["stringData"] == {"username": "api", "password": "secret"}
    assert set(scaled["spec"]) == {"scaleTargetRef", "maxReplicaCount", "triggers"}
    assert set(scaled["spec"]["triggers"][0]["metadata"]) == {"address", "stream"}


@pytest.mark.parametrize("contender", [KEDA, TUNED, CPU], ids=lambda contender: contender.name)
def test_haste_changes_only_how_soon_it_goes_down(contender: Any):
    calm, hasty = (contender.scalers("pool", "workers", "redis", haste)[-1]["spec"] for haste in (False, True))

    down = {"cooldownPeriod", "advanced", "behavior"}
    assert {key: value for key, value in calm.items() if key not in down} == {
        key: value for key, value in hasty.items() if key not in down
    }
    assert calm != hasty


def test_what_was_kept_is_what_was_measured_and_makes_tables_and_a_picture(tmp_path: Path):
    lives = [PodLife("pool", "a", 0.0, 4.0)]
    seen = {contender.name: PoolSeen(0.0, 20.0, lives, [Order(0, 1)], [_task(0.0, 5.0)], {"keda": 1}) for contender in ALL}
    rounds = [{"ordered": 1.0, "ready": 5.0, "started": 4.0, "served": 9.0}] * 5
    tally = Tally(taken=200, submitted=1000, ended=1000, lost=0, twice=0, interrupted=0, rounds=20, seconds=600.0)
    found = {"reaction": {c.name: rounds for c in ALL if c is not OURS}, "shapes": {"step": seen}, "scale-ins": tally}
    keep(tmp_path / "results.json", found)

    again = kept(tmp_path / "results.json")
    tables = report.result(again, SHAPES)
    drawing = picture(STEP.text, STEP.length, WAIT, {name: outcome(pool) for name, pool in again["shapes"]["step"].items()})

    assert again == found
    assert all(contender.title in tables for contender in ALL)
    assert "| 200 | 20 times from 12 to 2 | 1 000 | 0 | 0 | 0 | 10 |" in tables
    assert drawing.count("<polyline") == 3 * len(ALL)
