"""What may go wrong around a pool, and the one sentence that says so. In none of them anything is made worse."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Submission
from heavylift.store import calls
from heavylift.store.calls import PoolDecision, ScalingMode
from heavylift.store.redis import RedisStore
from heavylift.telemetry import LeadershipChanged, PoolScaled, PoolTrouble
from tests.support.autoscaler_stage import Replica, autoscaler
from tests.support.eventually import eventually
from tests.support.kubernetes_api import KubernetesApi
from tests.support.pool_cluster import PoolCluster


def _submit(store: RedisStore, number: int = 1) -> None:
    store.run(calls.Submit(tuple(Submission(kind="demo.work", payload="{}") for _ in range(number))))


def _trouble(replica: Replica, word: str) -> str:
    """The sentence that it is told with, once it is."""
    found = eventually(lambda: [t.message for t in replica.told(PoolTrouble) if t.trouble == word], claim=f"the trouble {word!r}")
    return str(found[0])


def _event(api: KubernetesApi, reason: str) -> str:
    found = eventually(lambda: [e["message"] for e in api.all("events") if e["reason"] == reason], claim=f"the event {reason!r}")
    return str(found[0])


def _decision(store: RedisStore) -> PoolDecision | None:
    report = store.run(calls.ReadScaling()).report
    return report.decisions[0] if report else None


@pytest.fixture
def own_redis() -> Iterator[EmbeddedRedis]:
    """A Redis that a test may stop."""
    with EmbeddedRedis() as server:
        yield server


def test_when_redis_is_gone_the_pool_stays_as_it_is(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, own_redis: EmbeddedRedis
) -> None:
    cluster.deploy(2)
    for _ in range(2):
        cluster.add_pod()
    with (
        RedisStore.from_url(own_redis.url, timeout=0.3) as store,
        autoscaler(configuration, store, pool={"minimum": 2}) as replica,
    ):
        eventually(lambda: _decision(store), claim="a decision")
        own_redis.stop()

        sentence = _trouble(replica, "unknown")

        assert sentence.startswith("holding at 2: the store has said nothing for ")
        assert _event(api, "NotKnown") == sentence
        assert cluster.replicas == 2


def test_when_the_api_server_is_gone_nothing_is_decided_on_what_it_said_before_and_all_is_well_when_it_is_back(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    with autoscaler(configuration, redis_store, request_timeout=0.3) as replica:
        eventually(lambda: replica.election.leads, claim="a leader")
        api.silent.set()
        eventually(lambda: not replica.election.leads, claim="the end of its lease")

        decision = eventually(
            lambda: _decision(redis_store), holds=lambda d: d is not None and d.mode is ScalingMode.REFUSED, claim="a refusal"
        )

        assert decision is not None
        assert decision.conditions[0].message.startswith("the API server of Kubernetes does not answer (")
        _submit(redis_store)
        api.silent.clear()
        eventually(lambda: cluster.replicas, holds=(1).__eq__, claim="a pod")


def test_a_slow_api_server_costs_time_and_nothing_else(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    api.delay = 0.3
    with autoscaler(configuration, redis_store) as replica:
        _submit(redis_store)
        eventually(lambda: cluster.replicas, holds=(1).__eq__, claim="a pod")
        eventually(lambda: len(replica.told(PoolScaled)), holds=(1).__eq__, claim="one change")
        assert [change.leads for change in replica.told(LeadershipChanged)] == [True]


def test_no_quota_is_told_of_and_no_more_pods_are_ordered(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: small"}
    cluster.deploy(1, conditions=[failure])
    _submit(redis_store, 200)

    with autoscaler(configuration, redis_store) as replica:
        assert _trouble(replica, "quota") == "the cluster makes no pods for this pool: exceeded quota: small"
        assert _event(api, "QuotaExhausted") == "the cluster makes no pods for this pool: exceeded quota: small"
        eventually(lambda: (d := _decision(redis_store)) and d.rule, holds="cluster".__eq__, claim="the rule")
        assert cluster.replicas == 1


@pytest.mark.parametrize(
    ("container", "word", "reason", "sentence"),
    [
        (
            {"image": "worker:typo", "state": {"waiting": {"reason": "ImagePullBackOff"}}},
            "image",
            "ImageNotPulled",
            (
                "the pod pod-1 does not start, as its image worker:typo cannot be pulled (ImagePullBackOff): mend the image, or "
                "the secret to pull it with"
            ),
        ),
        (
            {
                "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 2}},
            },
            "crash",
            "PodsCrash",
            (
                "the pod pod-1 does not get ready, as it ended with exit code 2 and was restarted 3 times: look at its logs; no "
                "more are ordered"
            ),
        ),
    ],
)
def test_of_pods_that_do_not_start_no_more_are_ordered(
    configuration: Any,
    cluster: PoolCluster,
    api: KubernetesApi,
    redis_store: RedisStore,
    container: dict[str, Any],
    word: str,
    reason: str,
    sentence: str,
) -> None:
    cluster.deploy(1)
    cluster.add_pod(ready=False, containerStatuses=[container])
    _submit(redis_store, 200)

    with autoscaler(configuration, redis_store) as replica:
        assert _trouble(replica, word) == sentence
        assert _event(api, reason) == sentence
        decision = eventually(lambda: _decision(redis_store), holds=lambda d: d is not None and d.rule == "cluster")
        assert decision is not None
        assert "1 pod does not get ready" in decision.reason
        assert cluster.replicas == 1


@pytest.mark.parametrize("plural", ["horizontalpodautoscalers", "scaledobjects"])
def test_a_deployment_with_two_owners_is_left_to_the_other(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore, plural: str
) -> None:
    target = {"kind": "Deployment", "name": "workers"}
    api.put(plural, {"metadata": {"name": "rival"}, "spec": {"scaleTargetRef": target}})
    _submit(redis_store, 10)

    with autoscaler(configuration, redis_store) as replica:
        sentence = _trouble(replica, "owner")
        rival = {"horizontalpodautoscalers": "HorizontalPodAutoscaler", "scaledobjects": "ScaledObject"}[plural]
        assert sentence.startswith(f"the {rival} rival scales the Deployment workers, too, so nothing is changed here: delete it")
        assert _event(api, "TwoOwners") == sentence
        assert cluster.replicas == 0

        # And when the other is gone
        api.remove(plural, "rival")
        eventually(lambda: cluster.replicas, claim="pods")


def test_a_cluster_without_keda_is_no_trouble(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    api.known.remove("scaledobjects")
    _submit(redis_store)

    with autoscaler(configuration, redis_store) as replica:
        eventually(lambda: cluster.replicas, claim="a pod")
        assert replica.controller.faults() == []


def test_a_deployment_that_misses_is_named(configuration: Any, redis_store: RedisStore) -> None:
    with autoscaler(configuration, redis_store) as replica:
        assert _trouble(replica, "missing") == (
            "there is no Deployment workers in the namespace here: make it, or mend HEAVYLIFT_AUTOSCALER_POOLS"
        )


@pytest.mark.parametrize(
    ("right", "sentence"),
    [
        (("patch", "deployments/scale"), "the service account may not patch deployments/scale in the namespace here"),
        (("list", "pods"), "the service account may not list pods in the namespace here"),
    ],
)
def test_a_right_that_misses_is_named(
    configuration: Any,
    cluster: PoolCluster,
    api: KubernetesApi,
    redis_store: RedisStore,
    right: tuple[str, str],
    sentence: str,
) -> None:
    api.forbidden.add(right)
    _submit(redis_store)

    with autoscaler(configuration, redis_store) as replica:
        assert _trouble(replica, "api") == f"{sentence}: add that to its Role"
        assert cluster.replicas == 0
        api.forbidden.clear()
        eventually(lambda: cluster.replicas, holds=(1).__eq__, within=15, claim="a pod")


def test_a_watch_that_is_too_old_begins_anew(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    with autoscaler(configuration, redis_store):
        eventually(lambda: _decision(redis_store), claim="a decision")
        api.forget_the_past()
        cluster.deploy(3)

        eventually(lambda: (d := _decision(redis_store)) and d.current, holds=(3).__eq__, claim="what is there now")


def test_a_number_that_somebody_else_set_meanwhile_is_not_overwritten(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    with autoscaler(configuration, redis_store) as replica:
        eventually(lambda: replica.election.leads and _decision(redis_store), claim="a decision")
        hands = replica.controller._keepers[0].hands
        cluster.deploy(7)

        with pytest.raises(Exception, match=r"somebody has set workers to 7 pods meanwhile, not 0; it is decided anew"):
            hands.scale("workers", 0, 1)


def test_who_has_lost_the_lease_changes_nothing(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    """As one does that was suspended and wakes up in the middle of a round."""
    with autoscaler(configuration, redis_store) as replica:
        eventually(lambda: replica.election.leads, claim="a leader")
        threading.Thread(target=replica.election.release).start()
        eventually(lambda: not replica.election.leads, claim="the end of its lease")

        with pytest.raises(Exception, match="the Lease is not certain any more, so nothing is changed"):
            replica.controller._keepers[0].hands.scale("workers", 0, 1)
        assert cluster.replicas == 0
