"""Every pod is one that Pod Security `restricted` admits, and can do no more than it must."""

import base64
from pathlib import Path

import pytest

from tests.support.chart import CHART, NAMESPACE, RELEASE, SCRAPED, WITH_KEDA, Object, Rendered, render

NAME = f"{RELEASE}-heavylift"
FULL = {
    "redis": {"backup": {"enabled": True}, "tls": {"enabled": True}, "haproxy": {"enabled": True}},
    "autoscaling": {"engine": "keda"},
    "pools": {"default": {}, "more": {"settings": {"queues": ["more"]}}},
    "networkPolicy": SCRAPED["networkPolicy"] | WITH_KEDA["networkPolicy"],
}


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    return render(FULL)


@pytest.fixture(scope="module")
def pods(rendered: Rendered) -> dict[str, Object]:
    found = rendered.pods()
    assert len(found) == 10, found.keys()  # API, autoscaler, scheduler, two pools, Redis, HAProxy, backup, restore, test
    return found


def test_every_pod_is_restricted(pods: dict[str, Object]) -> None:
    for name, pod in pods.items():
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert isinstance(pod["securityContext"]["runAsUser"], int), name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


def test_only_the_autoscaler_speaks_to_the_api_server(pods: dict[str, Object]) -> None:
    speaking = [name for name, pod in pods.items() if pod.get("automountServiceAccountToken") is not False]

    assert speaking == [f"Deployment/{NAME}-autoscaler"]


def test_only_the_autoscaler_has_rights_and_they_end_at_its_namespace(rendered: Rendered) -> None:
    assert [found["metadata"]["name"] for kind in ("Role", "RoleBinding") for found in rendered.all(kind)] == [
        f"{NAME}-autoscaler",
        f"{NAME}-autoscaler",
    ]
    assert not rendered.all("ClusterRole")
    assert not rendered.all("ClusterRoleBinding")


def test_every_container_says_what_it_needs_and_how_much_memory_it_may_take(pods: dict[str, Object]) -> None:
    for name, pod in pods.items():
        for container in pod["containers"]:
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), name
            assert "memory" in container["resources"]["limits"], name


def test_our_variables_are_not_in_the_way_of_those_of_services(pods: dict[str, Object]) -> None:
    """The Service of the API makes a variable HEAVYLIFT_API_PORT for every pod that wants such."""
    with_ours = [pod for pod in pods.values() if "HEAVYLIFT_STORE_URL" in str(pod)]

    assert len(with_ours) == 5
    assert all(pod["enableServiceLinks"] is False for pod in with_ours)


def test_each_component_sees_its_own_password_only(pods: dict[str, Object]) -> None:
    for name, pod in pods.items():
        keys = {item["key"] for volume in pod["volumes"] if "secret" in volume for item in volume["secret"].get("items", [])}
        if "-api" in name:
            assert keys == {"api", "ca.crt", "first-key"}, name
        elif "-autoscaler" in name:
            assert keys == {"autoscaler", "ca.crt", "token"}, name
        elif "-scheduler" in name:
            assert keys == {"scheduler", "ca.crt"}, name
        elif "-worker" in name:
            assert keys == {"worker", "ca.crt"}, name
        elif "-haproxy" in name:
            assert keys == {"haproxy", "ca.crt"}, name


def test_no_password_is_an_argument_or_a_plain_variable(rendered: Rendered) -> None:
    secret = rendered.one("Secret", f"{NAME}-redis")["data"]
    passwords = [base64.b64decode(value).decode() for value in secret.values()]

    assert len(set(passwords)) == 8
    assert all(len(password) == 32 for password in passwords)
    for name, pod in rendered.pods().items():
        assert not any(password in str(pod) for password in passwords), name


def test_every_pod_is_shut_in_and_let_out_by_name(rendered: Rendered) -> None:
    policies = {found["metadata"]["name"].removeprefix(f"{NAME}-"): found["spec"] for found in rendered.all("NetworkPolicy")}

    everything = policies.pop("default-deny")
    assert everything["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in everything
    assert "egress" not in everything
    assert policies.keys() == {"api", "autoscaler", "scheduler", "worker", "redis", "redis-backup", "redis-haproxy", "test"}
    assert policies["redis"]["ingress"][0]["ports"] == [{"port": "redis"}, {"port": "sentinel"}]
    assert policies["worker"]["ingress"] == [{"from": [{"namespaceSelector": {}}], "ports": [{"port": "metrics"}]}]
    assert "ingress" not in render().one("NetworkPolicy", f"{NAME}-worker")["spec"]


def test_haproxy_is_reached_by_those_who_may_reach_redis_and_reaches_nothing_else() -> None:
    exporter = {"podSelector": {"matchLabels": {"app": "exporter"}}}
    prometheus = {"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}
    values = {"redis": {"haproxy": {"enabled": True, "forAll": True}}}
    allowed = {"redis": {"from": [exporter]}, "monitoring": {"from": [prometheus]}}
    rendered = render(values | {"networkPolicy": allowed})

    spec = rendered.one("NetworkPolicy", f"{NAME}-redis-haproxy")["spec"]
    clients, scrapers = spec["ingress"]
    assert [_component(peer) for peer in clients["from"]] == ["api", "worker", "autoscaler", "scheduler", None]
    assert clients["from"][-1] == exporter
    assert clients["ports"] == [{"port": "redis"}]
    assert scrapers == {"from": [prometheus], "ports": [{"port": "status"}]}
    assert [_component(peer) for rule in spec["egress"] for peer in rule.get("to", [])] == ["redis"]
    for component in ("api", "worker"):
        out = rendered.one("NetworkPolicy", f"{NAME}-{component}")["spec"]["egress"][0]["to"]
        assert [_component(peer) for peer in out] == ["redis", "redis-haproxy"]


def _component(peer: Object) -> str | None:
    found: str | None = peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/component")
    return found


def test_traces_find_their_way_out() -> None:
    def ports(url: str) -> list[Object]:
        rendered = render({"telemetry": {"settings": {"otlpEndpoint": url}}})
        rules = rendered.one("NetworkPolicy", f"{NAME}-api")["spec"]["egress"]
        return [port for rule in rules for port in rule["ports"]]

    assert {"port": 4318} in ports("http://collector:4318/v1")
    assert {"port": 443} in ports("https://collector.example.com")
    assert {"port": 80} in ports("http://collector")


def test_every_shell_script_is_one_that_the_linter_sees() -> None:
    makefile = (Path(CHART).parents[2] / "Makefile").read_text()

    assert "$(CHART)/files/redis/*.sh" in makefile
    assert {path.parent.name for path in CHART.glob("files/**/*.sh")} == {"redis"}


def test_everything_is_in_the_namespace_of_the_release(rendered: Rendered) -> None:
    assert {found["metadata"].get("namespace", NAMESPACE) for found in rendered.objects} == {NAMESPACE}
