"""The chart as Helm renders it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "heavylift"
RELEASE = "shop"
NAMESPACE = "work"
#: Values that let somebody read metrics, as those must who have them scraped.
SCRAPED: dict[str, Any] = {"networkPolicy": {"monitoring": {"from": [{"namespaceSelector": {}}]}}}
#: Values that let KEDA ask how many pods there should be.
WITH_KEDA: dict[str, Any] = {
    "autoscaling": {"engine": "keda"},
    "networkPolicy": {"autoscaler": {"from": [{"namespaceSelector": {"matchLabels": {"name": "keda"}}}]}},
}
#: Kinds that others bring to a cluster; what we say of them is held by tests of their own.
FOREIGN = {"HTTPRoute", "PodMonitor", "PrometheusRule", "ScaledObject", "ServiceMonitor", "TriggerAuthentication"}

Object = dict[str, Any]


@cache
def helm(major: int = 4) -> str:
    """The path of Helm 3 or 4, fetched if need be."""
    found = subprocess.run([ROOT / "tools" / "find-helm.sh", str(major)], stdout=subprocess.PIPE, text=True, check=True)
    return found.stdout.strip()


@dataclass(frozen=True)
class Rendered:
    """The objects of one rendering."""

    objects: tuple[Object, ...]

    def all(self, kind: str) -> list[Object]:
        """All of a kind."""
        return [found for found in self.objects if found["kind"] == kind]

    def one(self, kind: str, name: str) -> Object:
        """The object of that kind and name."""
        names = [found["metadata"]["name"] for found in self.all(kind)]
        assert name in names, f"there is no {kind} {name}, only {names}"
        return self.all(kind)[names.index(name)]

    def has(self, kind: str, name: str) -> bool:
        """Whether there is an object of that kind and name."""
        return any(found["metadata"]["name"] == name for found in self.all(kind))

    def pods(self) -> dict[str, Object]:
        """The specification of pods, by kind and name of what makes them."""
        return {f"{found['kind']}/{found['metadata']['name']}": spec for found in self.objects if (spec := pod_of(found))}


def pod_of(found: Object) -> Object | None:
    """What an object says of its pods; None for one that has none."""
    spec = found.get("spec", {})
    if found["kind"] == "Pod":
        return dict(spec)
    if found["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    pod = spec.get("template", {}).get("spec") if found["kind"] != "CustomResourceDefinition" else None
    return dict(pod) if pod else None


def environment(pod: Object, container: str | None = None) -> dict[str, str | None]:
    """The variables of a container, the first one unless named; None for those that come from elsewhere."""
    containers = {found["name"]: found for found in pod["containers"]}
    chosen = containers[container] if container else pod["containers"][0]
    return {variable["name"]: variable.get("value") for variable in chosen["env"]}


def render(values: Mapping[str, Any] | None = None, *files: Path, major: int = 4, kubernetes: str = "1.35.0") -> Rendered:
    """Render the chart. Fails with what Helm says if it refuses."""
    return _rendered(_run(values or {}, files, major, "--kube-version", kubernetes))


def render_for_upgrade(values: Mapping[str, Any], kubeconfig: Path) -> Rendered:
    """Render the chart as an upgrade does, which sees what the cluster has."""
    seeing = ("--dry-run=server", "--disable-openapi-validation", "--is-upgrade", "--kubeconfig", str(kubeconfig))
    return _rendered(_run(values, (), 4, *seeing))


def _rendered(done: "subprocess.CompletedProcess[str]") -> Rendered:
    assert done.returncode == 0, done.stderr
    return Rendered(tuple(found for found in yaml.safe_load_all(done.stdout) if found))


def refusal(values: Mapping[str, Any], *, major: int = 4) -> str:
    """What Helm says against these values."""
    done = _run(values, (), major, "--kube-version", "1.35.0")
    assert done.returncode != 0, "Helm took these values"
    return done.stderr


def _run(values: Mapping[str, Any], files: tuple[Path, ...], major: int, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [helm(major), "template", RELEASE, str(CHART), "--namespace", NAMESPACE, *options]
    command += [word for path in files for word in ("--values", str(path))] + ["--values", "-"]
    return subprocess.run(command, input=yaml.safe_dump(dict(values)), capture_output=True, text=True, check=False)
