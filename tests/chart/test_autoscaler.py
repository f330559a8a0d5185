"""The autoscaler knows the pools as values say, and may do no more than its engine must."""

from typing import Any, Final

from heavylift.record import Executor
from heavylift_autoscaler.settings import AutoscalerSettings
from tests.support.chart import RELEASE, WITH_KEDA, Object, Rendered, environment, render

NAME: Final = f"{RELEASE}-heavylift-autoscaler"
WORKER: Final = f"{RELEASE}-heavylift-worker"
NONE: Final[dict[str, Any]] = {"autoscaling": {"engine": "none"}}
KEDA: Final = WITH_KEDA
POOLS: Final[dict[str, Any]] = {
    "pools": {
        "default": {"settings": {"concurrency": 3}},
        "video": {
            "scaling": {"minReplicas": 1, "maxReplicas": 4, "wait": 90, "utilisation": 0.5, "calm": 60, "tolerance": 0.2},
            "settings": {
                "queues": ["video=3", "film"],
                "concurrency": 0,
                "threadChildren": 2,
                "threads": 8,
                "asyncioChildren": 0,
            },
        },
        "steady": {"scaling": {"enabled": False}, "settings": {"queues": ["steady"]}},
    }
}


def _settings(rendered: Rendered) -> AutoscalerSettings:
    """What the container reads of its variables."""
    told = environment(rendered.pods()[f"Deployment/{NAME}"])
    values = {
        name: told[f"HEAVYLIFT_AUTOSCALER_{name.upper()}"] for name in ("pools", "engine", "lease", "pod_selector", "namespace")
    }
    return AutoscalerSettings(**values)


def test_it_knows_each_pool_that_is_scaled_as_values_have_it() -> None:
    default, video = _settings(render(POOLS)).pools

    assert (default.name, default.deployment, default.queues) == ("default", f"{WORKER}-default", ("default",))
    assert (default.minimum, default.maximum, default.wait) == (1, 10, 30)
    assert default.slots == {Executor.PROCESS: 3, Executor.ASYNCIO: 1000}
    assert (video.deployment, video.queues, video.slots) == (f"{WORKER}-video", ("video", "film"), {Executor.THREADS: 16})
    assert (video.minimum, video.maximum, video.wait) == (1, 4, 90)
    assert (video.utilisation, video.calm, video.tolerance) == (0.5, 60, 0.2)


def test_the_kinds_of_children_stand_in_the_order_in_which_a_worker_has_them() -> None:
    """The first kind runs what no other does."""
    every = {"pools": {"default": {"settings": {"threadChildren": 1}}}}

    (pool,) = _settings(render(every)).pools

    assert list(pool.slots) == [Executor.PROCESS, Executor.THREADS, Executor.ASYNCIO]


def test_it_watches_the_pods_of_its_release_only() -> None:
    settings = _settings(render())
    labels = render().one("Deployment", f"{WORKER}-default")["spec"]["template"]["metadata"]["labels"]

    assert all(labels[label] == value for label, value in (pair.split("=") for pair in settings.pod_selector.split(",")))
    assert f"app.kubernetes.io/instance={RELEASE}" in settings.pod_selector


def test_without_an_engine_there_is_none() -> None:
    assert [found for found in render(NONE).objects if "autoscaler" in found["metadata"]["name"]] == []


def test_its_rights_are_for_the_pools_that_it_scales_and_in_its_namespace() -> None:
    rendered = render(POOLS)

    assert _rights(rendered) == {
        ("apps", "deployments"): ({"get", "list", "watch"}, None),
        ("apps", "deployments/scale"): ({"get", "patch"}, {f"{WORKER}-default", f"{WORKER}-video"}),
        ("", "pods"): ({"get", "list", "watch", "patch"}, None),
        ("autoscaling", "horizontalpodautoscalers"): ({"list", "watch"}, None),
        ("keda.sh", "scaledobjects"): ({"list", "watch"}, None),
        ("coordination.k8s.io", "leases"): ({"get", "update", "create"}, {NAME}),
        ("", "events"): ({"create", "patch"}, None),
        ("events.k8s.io", "events"): ({"create", "patch"}, None),
    }
    (subject,) = rendered.one("RoleBinding", NAME)["subjects"]
    assert subject["name"] == rendered.pods()[f"Deployment/{NAME}"]["serviceAccountName"]
    assert not rendered.all("ClusterRole")


def test_who_only_recommends_changes_nothing() -> None:
    rights = _rights(render(KEDA | POOLS))

    assert ("apps", "deployments/scale") not in rights
    assert rights["", "pods"] == ({"get", "list", "watch"}, None)


def _rights(rendered: Rendered) -> dict[tuple[str, str], tuple[set[str], set[str] | None]]:
    """Verbs and names by group and resource; what has both rules with names and without is told with names."""
    rights: dict[tuple[str, str], tuple[set[str], set[str] | None]] = {}
    for rule in rendered.one("Role", NAME)["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                verbs, names = rights.get((group, resource), (set(), None))
                more = set(rule["resourceNames"]) if "resourceNames" in rule else names
                rights[group, resource] = (verbs | set(rule["verbs"]), more)
    return rights


def test_the_number_of_pods_is_left_to_the_engine() -> None:
    for values in ({}, KEDA):
        rendered = render(values | POOLS)
        told = {found["metadata"]["name"]: found["spec"].get("replicas") for found in rendered.all("Deployment")}
        assert told[f"{WORKER}-default"] is None
        assert told[f"{WORKER}-video"] is None
        assert told[f"{WORKER}-steady"] == 2
        assert told[NAME] == 2


def test_keda_is_told_the_number_and_shown_the_token() -> None:
    rendered = render(KEDA | POOLS)

    scaled = rendered.one("ScaledObject", f"{WORKER}-video")
    assert [found["metadata"]["name"] for found in rendered.all("ScaledObject")] == [f"{WORKER}-default", f"{WORKER}-video"]
    assert (scaled["spec"]["minReplicaCount"], scaled["spec"]["maxReplicaCount"]) == (1, 4)
    (trigger,) = scaled["spec"]["triggers"]
    service = rendered.one("Service", f"{NAME}-keda")
    assert trigger["metadata"]["url"] == f"http://{service['metadata']['name']}.work/pools/video"
    assert (trigger["metricType"], trigger["metadata"]["targetValue"]) == ("AverageValue", "1")
    authentication = rendered.one("TriggerAuthentication", trigger["authenticationRef"]["name"])
    (reference,) = authentication["spec"]["secretTargetRef"]
    assert rendered.one("Secret", reference["name"])["data"][reference["key"]]
    assert reference["name"] in _secrets_of(rendered.pods()[f"Deployment/{NAME}"])


def test_keda_holds_what_there_is_when_nobody_knows() -> None:
    rendered = render(KEDA | POOLS)

    assert rendered.one("ScaledObject", f"{WORKER}-default")["spec"]["fallback"]["behavior"] == "currentReplicasIfHigher"
    assert rendered.one("ScaledObject", f"{WORKER}-video")["spec"]["fallback"]["replicas"] == 1


def test_a_token_of_somebody_is_taken_instead() -> None:
    rendered = render(KEDA | {"autoscaling": {"engine": "keda", "keda": {"existingSecret": "mine"}}})

    assert not rendered.has("Secret", f"{NAME}-keda")
    assert "mine" in _secrets_of(rendered.pods()[f"Deployment/{NAME}"])


def _secrets_of(pod: Object) -> set[str]:
    return {volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}


def test_only_keda_may_ask_and_only_prometheus_may_measure() -> None:
    keda, prometheus = KEDA["networkPolicy"]["autoscaler"]["from"], [{"podSelector": {"matchLabels": {"app": "prometheus"}}}]
    values = {
        "autoscaling": {"engine": "keda"},
        "networkPolicy": {"autoscaler": {"from": keda}, "monitoring": {"from": prometheus}},
    }

    spec = render(values).one("NetworkPolicy", NAME)["spec"]

    assert spec["ingress"] == [{"from": prometheus, "ports": [{"port": "http"}]}, {"from": keda, "ports": [{"port": "keda"}]}]
    assert "ingress" not in render().one("NetworkPolicy", NAME)["spec"]
    assert {"ports": [{"port": 443}, {"port": 6443}]} in spec["egress"]
