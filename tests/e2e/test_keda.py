"""KEDA scales the workers as the autoscaler recommends, from none and back to none."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.e2e.support.cluster import Cluster
from tests.e2e.support.installing import installed
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import Target
from tests.e2e.test_engines import KEDA
from tests.support.eventually import eventually

#: A pool that may go when it is idle, and soon.
SCALED: Final[dict[str, Any]] = {
    "autoscaling.engine": "keda",
    "networkPolicy.autoscaler.from": KEDA,
    "worker.scaling.minReplicas": 0,
    "worker.scaling.maxReplicas": 4,
    "worker.scaling.wait": 5,
    "worker.scaling.calm": 10,
}
REACTION: Final = 5.0  #: Seconds from the first submission until a pool without pods has one.


@pytest.fixture(scope="module")
def scaled(target: Target, namespace: Callable[[str], Cluster]) -> Iterator[Stand]:
    target.bring("keda")
    cluster = namespace("heavylift-e2e-keda")
    with installed(target, cluster, "keda", settings=SCALED) as stand:
        yield stand
    cluster.remove_namespace()


def _pool(stand: Stand) -> str:
    return f"{stand.release.name}-heavylift-worker-default"


def _at_rest(stand: Stand) -> None:
    eventually(lambda: stand.cluster.replicas(_pool(stand)), holds=(0).__eq__, within=180, claim="no pods for an idle pool")


def test_an_idle_pool_has_no_pods_and_the_first_task_brings_one_soon(scaled: Stand, measured: Callable[..., None]):
    _at_rest(scaled)
    with scaled.connect() as entrance:
        # When a task is submitted
        began = time.monotonic()
        (request,) = entrance.submit("demo.add", {"a": 2, "b": 3}).requests
        assert request.task, request.said
        eventually(lambda: scaled.cluster.replicas(_pool(scaled)), holds=(1).__le__, within=60, claim="a pod for the first task")
        reacted = time.monotonic() - began

        # Then it is done
        assert eventually(lambda: entrance.read(request.task or "", wait=10)["state"], holds="succeeded".__eq__, within=90)
        done = time.monotonic() - began
    measured(ordered=reacted, done=done)
    assert reacted <= REACTION


def test_a_backlog_brings_as_many_as_are_recommended_and_none_is_taken_from_work(scaled: Stand):
    with scaled.connect() as entrance:
        # Given more slow tasks than one pod can start in time
        payload = {"token": "backlog", "journal": scaled.journal_url, "seconds": 20.0}
        tasks = [entrance.submit("chaos.work", payload, "backlog").requests[0].task for _ in range(12)]

        # Then there are more pods
        eventually(lambda: scaled.cluster.replicas(_pool(scaled)), holds=(3).__le__, within=90, claim="pods for the backlog")

        # And when nobody recommends any more, they stay
        autoscaler = f"{scaled.release.name}-heavylift-autoscaler"
        before = scaled.cluster.replicas(_pool(scaled))
        with scaled.cluster.without(autoscaler, namespace=scaled.cluster.namespace):
            time.sleep(30)  # two looks of an HPA
            assert scaled.cluster.replicas(_pool(scaled)) >= before

        # And every task was run once
        eventually(lambda: entrance.live("backlog"), holds=lambda live: not live, within=180, claim="the end of the backlog")
        assert {entrance.read(task or "")["state"] for task in tasks} == {"succeeded"}
        assert sorted(run.held.task for run in scaled.testify().runs) == sorted(map(str, tasks))
    _at_rest(scaled)
