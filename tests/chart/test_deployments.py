"""Pods run where, as many and as long as values say."""

from typing import Any

import pytest

from tests.support.chart import RELEASE, Object, environment, render

NAME = f"{RELEASE}-heavylift"
EVERYTHING: dict[str, Any] = {"redis": {"haproxy": {"enabled": True}}}


def _pool(values: dict[str, Any], pool: str = "default") -> Object:
    return dict(render(values).one("Deployment", f"{NAME}-worker-{pool}")["spec"])


def _pod(values: dict[str, Any], pool: str = "default") -> Object:
    return dict(_pool(values, pool)["template"]["spec"])


def test_a_pool_has_what_all_have_and_its_own_instead() -> None:
    values = {
        "autoscaling": {"engine": "none"},
        "worker": {"replicas": 7, "settings": {"grace": 60, "lease": 20}},
        "pools": {"gpu": {"replicas": 1, "settings": {"queues": ["gpu"], "grace": 600}}},
    }

    assert _pool(values)["replicas"] == 7
    assert _pool(values, "gpu")["replicas"] == 1
    variables = environment(_pod(values, "gpu"))
    assert (variables["HEAVYLIFT_WORKER_GRACE"], variables["HEAVYLIFT_WORKER_LEASE"]) == ("600", "20")


def test_a_pool_that_is_null_is_left_out() -> None:
    rendered = render({"pools": {"default": None, "only": {}}})

    assert [found["metadata"]["name"] for found in rendered.all("Deployment")] == [
        f"{NAME}-api",
        f"{NAME}-autoscaler",
        f"{NAME}-scheduler",
        f"{NAME}-worker-only",
    ]


@pytest.mark.parametrize(("grace", "seconds"), [(None, 45), (0, 15), (0.5, 16), (3600, 3615)])
def test_a_worker_has_its_grace_and_15_seconds_to_stop(grace: float | None, seconds: int) -> None:
    settings = {} if grace is None else {"grace": grace}

    assert _pod({"worker": {"settings": settings}})["terminationGracePeriodSeconds"] == seconds


@pytest.mark.parametrize(("grace", "seconds"), [(None, 20), (0, 10), (30, 40)])
def test_the_api_has_its_grace_and_the_time_in_which_balancers_learn_that_it_goes(grace: int | None, seconds: int) -> None:
    settings = {} if grace is None else {"shutdownGrace": grace}
    pod = render({"api": {"settings": settings}}).one("Deployment", f"{NAME}-api")["spec"]["template"]["spec"]

    assert pod["terminationGracePeriodSeconds"] == seconds
    assert pod["containers"][0]["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}


def test_whoever_is_scaled_has_no_number_of_replicas_that_an_upgrade_would_set_back() -> None:
    rendered = render(
        {
            "api": {"autoscaling": {"enabled": True}},
            "pools": {"steady": {"scaling": {"enabled": False}, "settings": {"queues": ["steady"]}}},
        }
    )

    specs = {found["metadata"]["name"].removeprefix(f"{NAME}-"): found["spec"] for found in rendered.all("Deployment")}
    assert {name: "replicas" in spec for name, spec in specs.items()} == {
        "api": False,
        "autoscaler": True,
        "scheduler": True,
        "worker-default": False,
        "worker-steady": True,
    }


def test_a_gpu_is_asked_for_and_its_taint_borne() -> None:
    pod = _pod({"pools": {"gpu": {"gpu": {"count": 2}, "settings": {"queues": ["gpu"]}}}}, "gpu")

    assert pod["containers"][0]["resources"]["limits"] == {"memory": "1Gi", "nvidia.com/gpu": 2}
    assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in pod["tolerations"]


def test_a_pool_is_replaced_as_its_nodes_allow() -> None:
    tight = {"rollout": {"maxSurge": 0, "maxUnavailable": 1}, "settings": {"queues": ["gpu"]}}

    assert _pool({})["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert _pool({"pools": {"gpu": tight}}, "gpu")["strategy"]["rollingUpdate"] == tight["rollout"]


def test_spot_nodes_are_borne_and_preferred() -> None:
    pod = _pod({"worker": {"spot": True}})

    keys = {toleration["key"] for toleration in pod["tolerations"]}
    assert {"cloud.google.com/gke-spot", "kubernetes.azure.com/scalesetpriority", "karpenter.sh/capacity-type"} <= keys
    assert len(pod["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]) == 4


@pytest.mark.parametrize("deployment", ["api", "autoscaler", "scheduler", "worker-default", "redis-haproxy"])
def test_pods_of_a_lost_node_are_made_anew_soon(deployment: str) -> None:
    pod = render(EVERYTHING).one("Deployment", f"{NAME}-{deployment}")["spec"]["template"]["spec"]

    assert {found["key"]: found["tolerationSeconds"] for found in pod["tolerations"]} == {
        "node.kubernetes.io/not-ready": 15,
        "node.kubernetes.io/unreachable": 15,
    }


@pytest.mark.parametrize("component", ["api", "autoscaler", "scheduler", "worker-default"])
def test_a_question_for_a_name_that_is_lost_is_asked_again_after_a_second(component: str) -> None:
    pod = render({}).one("Deployment", f"{NAME}-{component}")["spec"]["template"]["spec"]

    assert {"name": "timeout", "value": "1"} in pod["dnsConfig"]["options"]


def test_every_kind_of_pod_is_spread_over_zones_and_nodes() -> None:
    for name, pod in render(EVERYTHING).pods().items():
        if not name.startswith("Pod/"):
            keys = [constraint["topologyKey"] for constraint in pod["topologySpreadConstraints"]]
            assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"], name


def test_every_kind_of_pod_may_be_drained_one_by_one() -> None:
    budgets = {
        found["metadata"]["name"]: found["spec"]["maxUnavailable"] for found in render(EVERYTHING).all("PodDisruptionBudget")
    }

    ones = {f"{NAME}-{component}": 1 for component in ("api", "autoscaler", "scheduler", "redis", "redis-haproxy")}
    assert budgets == ones | {f"{NAME}-worker-default": "25%"}


def test_an_image_comes_from_its_registry_or_else_from_that_of_all() -> None:
    digest = f"sha256:{'0' * 64}"
    rendered = render(
        {
            "global": {"imageRegistry": "mirror.example.com/hub/"},
            "api": {"image": {"digest": digest}},
            "pools": {"default": {"image": {"registry": "mine.example.com", "repository": "shop", "tag": "3"}}},
        }
    )

    images = {pod["containers"][0]["image"] for pod in rendered.pods().values()}
    assert images == {
        f"mirror.example.com/hub/heavylift/api@{digest}",
        "mirror.example.com/hub/heavylift/autoscaler:0.1.0",
        "mirror.example.com/hub/heavylift/scheduler:0.1.0",
        "mine.example.com/shop:3",
        "mirror.example.com/hub/library/redis:8.0",
    }


def test_the_world_reaches_what_consumers_need_and_neither_probes_nor_metrics() -> None:
    rendered = render(
        {
            "api": {
                "ingress": {"enabled": True, "hosts": ["a.example.com"]},
                "httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]},
            },
            "networkPolicy": {"enabled": False},
        }
    )

    ingress = rendered.one("Ingress", f"{NAME}-api")
    route = rendered.one("HTTPRoute", f"{NAME}-api")["spec"]["rules"][0]
    paths = ["/v1", "/docs", "/openapi.json"]
    assert [path["path"] for path in ingress["spec"]["rules"][0]["http"]["paths"]] == paths
    assert [match["path"]["value"] for match in route["matches"]] == paths


def test_no_way_in_buffers_streams_or_cuts_long_polls() -> None:
    values = {
        "ingress": {"enabled": True, "hosts": ["a.example.com"], "annotations": {"projectcontour.io/response-timeout": "90s"}}
    }
    values["httpRoute"] = {"enabled": True, "parentRefs": [{"name": "public"}]}
    rendered = render({"api": values, "networkPolicy": {"enabled": False}})

    assert rendered.one("Ingress", f"{NAME}-api")["metadata"]["annotations"] == {
        "nginx.ingress.kubernetes.io/proxy-buffering": "off",
        "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
        "projectcontour.io/response-timeout": "90s",  # whoever says otherwise is heard
        "haproxy.org/timeout-server": "3600s",
        "haproxy-ingress.github.io/timeout-server": "3600s",
    }
    assert rendered.one("HTTPRoute", f"{NAME}-api")["spec"]["rules"][0]["timeouts"] == {"request": "0s"}


def test_servers_and_clients_agree_on_where_redis_is() -> None:
    def url(values: dict[str, Any]) -> str | None:
        return environment(_pod(values))["HEAVYLIFT_STORE_URL"]

    hosts = ",".join(f"{NAME}-redis-{number}:26379" for number in range(3))
    assert url({}) == f"redis+sentinel://worker@{hosts}/heavylift/0"
    assert url(EVERYTHING) == url({}), "HAProxy is for those who cannot ask sentinels"
    assert url({"redis": {"haproxy": {"enabled": True, "forAll": True}}}) == f"redis://worker@{NAME}-redis-haproxy:6379/0"
    assert url({"redis": {"replicas": 1}}) == f"redis://worker@{NAME}-redis-0:6379/0"
    assert url({"redis": {"tls": {"enabled": True}}}) == (
        f"rediss+sentinel://worker@{hosts}/heavylift/0?ssl_ca_certs=/etc/heavylift/redis-tls/ca.crt&ssl_check_hostname=false"
    )


def test_whoever_comes_through_haproxy_has_no_password_for_sentinels() -> None:
    variables = environment(_pod({"redis": {"haproxy": {"enabled": True, "forAll": True}}}))

    assert not any("SENTINEL" in name for name in variables)


def test_every_server_of_redis_has_an_address_of_its_own() -> None:
    rendered = render({"redis": {"replicas": 5}})

    for ordinal in range(5):
        service = rendered.one("Service", f"{NAME}-redis-{ordinal}")["spec"]
        assert service["selector"]["statefulset.kubernetes.io/pod-name"] == f"{NAME}-redis-{ordinal}"
        assert service["publishNotReadyAddresses"]
        assert "clusterIP" not in service


def test_a_change_of_scripts_or_passwords_restarts_redis() -> None:
    def annotations(values: dict[str, Any]) -> Object:
        found = render({"redis": values}).one("StatefulSet", f"{NAME}-redis")
        return dict(found["spec"]["template"]["metadata"]["annotations"])

    own = {"auth": {"existingSecret": "mine"}}
    assert annotations(own) == annotations(own)
    assert annotations(own)["checksum/scripts"] != annotations(own | {"config": {"hz": 20}})["checksum/scripts"]
    assert annotations({})["checksum/passwords"] != annotations({})["checksum/passwords"], "each rendering makes new ones"


def test_an_upgrade_of_the_version_alone_restarts_nothing_but_what_has_a_new_image() -> None:
    pods = render({}).one("StatefulSet", f"{NAME}-redis")["spec"]["template"]["metadata"]["labels"]

    assert not any("version" in label or "chart" in label for label in pods)
