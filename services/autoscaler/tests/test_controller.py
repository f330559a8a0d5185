"""The controller, with a real store and the API of tests: it scales out at once, and in without interrupting anybody."""

import time
from typing import Any

from heavylift.outcome import Succeeded
from heavylift.record import Submission
from heavylift.store import calls
from heavylift.store.calls import Ended, PoolDecision, ScalingMode, Steering
from heavylift.store.redis import RedisStore
from heavylift.telemetry import PoolScaled, PoolTrouble
from heavylift_autoscaler.pods import COST
from tests.support.autoscaler_stage import POOL, autoscaler
from tests.support.eventually import eventually
from tests.support.kubernetes_api import KubernetesApi
from tests.support.pool_cluster import PoolCluster

FREEZE = Steering(None, "release day", "ada")


def _submit(store: RedisStore, number: int = 1, queue: str = "default") -> None:
    store.run(calls.Submit(tuple(Submission(kind="demo.work", payload="{}", queue=queue) for _ in range(number))))


def _work(store: RedisStore, pod: str) -> Any:
    """A worker on a pod that takes a task, if there is one."""
    consumer = f"celery@{pod}/abcd/0.1"
    store.run(calls.Register(consumer, ("default",), 60.0, {}))
    return next(iter(store.run(calls.Claim.of(consumer, ("default",)))), None)


def _decision(store: RedisStore) -> PoolDecision | None:
    report = store.run(calls.ReadScaling()).report
    return report.decisions[0] if report else None


def _decided(store: RedisStore, **wanted: Any) -> PoolDecision:
    """The latest decision, once it is so."""

    def holds(decision: PoolDecision | None) -> bool:
        return decision is not None and all(getattr(decision, name) == value for name, value in wanted.items())

    decision = eventually(lambda: _decision(store), holds=holds, claim=f"a decision with {wanted}")
    assert decision is not None
    return decision


def _trouble(store: RedisStore, word: str) -> str:
    """The sentence about a trouble, once it is told."""

    def found() -> str:
        decision = _decision(store)
        return next((c.message for c in (decision.conditions if decision else ()) if c.type == word), "")

    return eventually(found, claim=f"the trouble {word!r}")


def _events(api: KubernetesApi, reason: str) -> list[str]:
    return [event["message"] for event in api.all("events") if event["reason"] == reason]


def test_the_first_task_brings_the_first_pod_and_everybody_is_told_why(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    with autoscaler(configuration, redis_store) as replica:
        assert _decided(redis_store, target=0, mode=ScalingMode.ACTING).wanted == 0

        submitted_at = time.monotonic()
        _submit(redis_store)

        eventually(lambda: cluster.replicas, holds=(1).__eq__, claim="a pod")
        assert time.monotonic() - submitted_at < 2
        (scaled,) = eventually(lambda: replica.told(PoolScaled))
        assert scaled.reason == (
            "scaling from 0 to 1: 1 ready task of perhaps 1 s would wait for ever, 30 s were promised, first new worker in "
            "about 10 s"
        )
        assert eventually(lambda: _events(api, "Scaled")) == [scaled.reason]


def test_who_does_not_lead_watches_and_takes_over_when_the_leader_goes(
    configuration: Any, cluster: PoolCluster, redis_store: RedisStore
) -> None:
    with autoscaler(configuration, redis_store, identity="second") as second:
        with autoscaler(configuration, redis_store, identity="first") as first:
            replicas = [first, second]
            eventually(lambda: [r.election.leads for r in replicas].count(True) == 1, claim="one leader")
            _submit(redis_store)
            eventually(lambda: cluster.replicas, claim="a pod")
            eventually(lambda: sum(len(r.told(PoolScaled)) for r in replicas), holds=(1).__eq__, claim="one change")

        # When the first has given its place back
        eventually(lambda: second.election.leads, within=1.5, claim="the second to lead")

        _submit(redis_store, 100)
        eventually(lambda: cluster.replicas, holds=lambda n: n > 1, claim="more pods")


def test_an_idle_pod_goes_and_a_busy_one_stays(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    # Given three pods of which one runs a task
    cluster.deploy(3)
    pods = [cluster.add_pod() for _ in range(3)]
    _submit(redis_store)
    running = _work(redis_store, pods[0])
    assert running is not None
    for pod in pods[1:]:
        assert _work(redis_store, pod) is None

    # When nothing else is to be done
    with autoscaler(configuration, redis_store):
        eventually(lambda: cluster.replicas, holds=(1).__eq__, claim="one pod")
        costs = {pod["metadata"]["name"]: pod["metadata"].get("annotations", {}).get(COST) for pod in cluster.pods}
        cluster.reconcile()

        # Then the idle ones go
        assert costs == {pods[0]: None, pods[1]: "-1000", pods[2]: "-1000"}
        assert set(cluster.deaths) == set(pods[1:])
        assert not next(host for host in redis_store.run(calls.ReadHosts()) if host.name == pods[0]).rests


def test_where_all_are_busy_the_victim_rests_and_goes_when_its_task_has_ended(
    configuration: Any, cluster: PoolCluster, redis_store: RedisStore
) -> None:
    cluster.deploy(2)
    pods = [cluster.add_pod() for _ in range(2)]
    _submit(redis_store, 2)
    running = {pod: _work(redis_store, pod) for pod in pods}
    redis_store.run(calls.Steer("web", Steering(1, "a test", "ada"), 60.0))

    with autoscaler(configuration, redis_store):
        sentence = _trouble(redis_store, "draining")
        resting = [host.name for host in redis_store.run(calls.ReadHosts()) if host.rests]
        assert (sentence, cluster.replicas, len(resting)) == ("1 of 1 pods that are to go finish what they run", 2, 1)

        # When the task of the one that rests has ended
        delivery = running[resting[0]]
        redis_store.run(calls.Complete((Ended(delivery.id, delivery.fence, Succeeded("1")),)))

        # Then it goes, and the other is left alone
        eventually(lambda: cluster.replicas, holds=(1).__eq__, claim="one pod")
        cluster.reconcile()
        assert cluster.deaths == resting


def test_a_victim_that_is_needed_after_all_goes_on(configuration: Any, cluster: PoolCluster, redis_store: RedisStore) -> None:
    cluster.deploy(2)
    pods = [cluster.add_pod() for _ in range(2)]
    _submit(redis_store, 2)
    for pod in pods:
        _work(redis_store, pod)
    redis_store.run(calls.Steer("web", Steering(1, "a test", "ada"), 60.0))

    with autoscaler(configuration, redis_store):
        eventually(lambda: any(host.rests for host in redis_store.run(calls.ReadHosts())), claim="one that rests")
        redis_store.run(calls.Steer("web", None))

        eventually(lambda: not any(host.rests for host in redis_store.run(calls.ReadHosts())), claim="none that rests")
        assert cluster.replicas == 2


def test_while_a_busy_pod_is_not_ready_none_is_taken_away(
    configuration: Any, cluster: PoolCluster, redis_store: RedisStore
) -> None:
    """Kubernetes would take that one first, whatever is said of the others."""
    cluster.deploy(3)
    shaky, *others = [cluster.add_pod(ready=number > 0) for number in range(3)]
    _submit(redis_store)
    assert _work(redis_store, shaky) is not None
    for pod in others:
        _work(redis_store, pod)
    redis_store.run(calls.Steer("web", Steering(2, "a test", "ada"), 60.0))

    with autoscaler(configuration, redis_store):
        eventually(lambda: _trouble(redis_store, "draining"), claim="the reason to wait")
        eventually(lambda: [host.name for host in redis_store.run(calls.ReadHosts()) if host.rests], holds=[shaky].__eq__)
        assert cluster.replicas == 3


def test_a_person_says_how_many_until_a_time_and_then_the_load_does(
    configuration: Any, cluster: PoolCluster, redis_store: RedisStore
) -> None:
    redis_store.run(calls.Steer("web", Steering(4, "a sale begins", "ada"), 1.5))

    with autoscaler(configuration, redis_store):
        decision = _decided(redis_store, mode=ScalingMode.OVERRIDDEN, target=4)
        assert "set to 4 by ada until " in decision.reason
        assert "(a sale begins)" in decision.reason
        cluster.reconcile()

        _decided(redis_store, mode=ScalingMode.ACTING)


def test_a_frozen_pool_stays_as_it_is_and_says_what_it_would_have(
    configuration: Any, cluster: PoolCluster, redis_store: RedisStore
) -> None:
    _submit(redis_store)
    redis_store.run(calls.Steer("web", FREEZE))

    with autoscaler(configuration, redis_store):
        decision = _decided(redis_store, mode=ScalingMode.FROZEN)
        assert (decision.current, decision.target, decision.wanted) == (0, 0, 1)
        assert decision.reason.startswith("frozen at 0 by ada (release day); scaling from 0 to 1: ")
        redis_store.run(calls.Steer("web", None))
        eventually(lambda: cluster.replicas, holds=(1).__eq__, claim="a pod")


def test_a_dry_run_and_another_engine_change_nothing(configuration: Any, cluster: PoolCluster, redis_store: RedisStore) -> None:
    _submit(redis_store)

    for settings, mode in (({"dry_run": True}, ScalingMode.DRY_RUN), ({"engine": "keda"}, ScalingMode.ADVISING)):
        with autoscaler(configuration, redis_store, **settings):
            assert _decided(redis_store, mode=mode).target == 1
            assert cluster.replicas == 0


def test_with_keda_what_a_person_says_is_told_to_keda_and_nothing_is_changed_here(
    configuration: Any, cluster: PoolCluster, redis_store: RedisStore
) -> None:
    redis_store.run(calls.Steer("web", Steering(4, "a sale begins", "ada"), 60))

    with autoscaler(configuration, redis_store, engine="keda"):
        decision = _decided(redis_store, mode=ScalingMode.ADVISING, target=4)
        assert decision.reason.startswith("set to 4 by ada until ")
        redis_store.run(calls.Steer("web", FREEZE))
        eventually(
            lambda: _decided(redis_store, mode=ScalingMode.ADVISING).reason, holds=lambda said: said.startswith("frozen at 0")
        )
        assert cluster.replicas == 0


def test_tasks_that_no_pool_serves_are_told_of_and_scale_nothing(
    configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore
) -> None:
    _submit(redis_store, 50, queue="nobodys")

    with autoscaler(configuration, redis_store) as replica:
        sentence = "50 tasks wait in the queue nobodys, which no pool of workers serves: add it to the queues of one"
        assert eventually(lambda: _events(api, "QueueUnserved")) == [sentence]
        (trouble,) = replica.told(PoolTrouble)
        assert (trouble.trouble, trouble.message) == ("unserved", sentence)
        report = redis_store.run(calls.ReadScaling()).report
        assert report is not None
        assert report.unserved == {"nobodys": sentence}
        assert cluster.replicas == 0


def test_a_pool_without_minimum_keeps_what_runs_although_its_maximum_was_lowered(
    configuration: Any, cluster: PoolCluster, redis_store: RedisStore
) -> None:
    cluster.deploy(3)
    _submit(redis_store, 3)
    for _ in range(3):
        assert _work(redis_store, cluster.add_pod()) is not None

    with autoscaler(configuration, redis_store, pool={"maximum": 1}):
        decision = _decided(redis_store, rule="maximum")
        assert (decision.target, cluster.replicas) == (3, 3)
        assert _trouble(redis_store, "maximum") == decision.reason


def test_two_pools_are_kept_apart(configuration: Any, cluster: PoolCluster, api: KubernetesApi, redis_store: RedisStore) -> None:
    other = PoolCluster(api, "mailers")
    other.deploy(0)
    mail = POOL | {"name": "mail", "deployment": "mailers", "queues": ["mail"]}
    _submit(redis_store, queue="mail")

    with autoscaler(configuration, redis_store, pools=[POOL, mail]):
        eventually(lambda: other.replicas, holds=(1).__eq__, claim="a mailer")
        assert cluster.replicas == 0
