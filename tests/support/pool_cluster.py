"""A Deployment and its pods on the API of tests, moved by hand: who makes and takes pods here is the test, or `reconcile`."""

from dataclasses import dataclass, field
from typing import Any

from heavylift_autoscaler.pods import COST
from tests.support.kubernetes_api import KubernetesApi, Object


@dataclass
class PoolCluster:
    """What the controllers and kubelets of Kubernetes would do for one Deployment."""

    api: KubernetesApi
    name: str = "workers"
    deaths: list[str] = field(default_factory=list)
    _born: int = 0

    def deploy(self, replicas: int, **status: Any) -> None:
        """Make the Deployment."""
        spec = {"replicas": replicas, "selector": {"matchLabels": {"app": self.name}}}
        self.api.put(
            "deployments",
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": self.name}, "spec": spec, "status": status},
        )

    @property
    def replicas(self) -> int:
        """How many pods are ordered."""
        item = self.api.find("deployments", self.name)
        assert item is not None
        return int(item["spec"]["replicas"])

    @property
    def pods(self) -> list[Object]:
        """Those that do not leave."""
        return [pod for pod in self.api.all("pods") if "deletionTimestamp" not in pod["metadata"]]

    def add_pod(self, *, ready: bool = True, name: str = "", **status: Any) -> str:
        """One more."""
        self._born += 1
        name = name or f"pod-{self._born}"
        conditions = [{"type": "Ready", "status": str(ready)}]
        metadata = {"name": name, "labels": {"app": self.name}}
        self.api.put(
            "pods",
            {
                "metadata": metadata,
                "spec": {"nodeName": "node1"},
                "status": {"phase": "Running", "conditions": conditions, **status},
            },
        )
        return name

    def reconcile(self, **pods: Any) -> None:
        """Have as many pods as are ordered; of those that go, first those that are not ready, then the cheapest."""
        while len(self.pods) < self.replicas:
            self.add_pod(**pods)
        while len(self.pods) > self.replicas:
            victim = min(self.pods, key=_worth)["metadata"]["name"]
            self.deaths.append(victim)
            self.api.remove("pods", victim)


def _worth(pod: Object) -> tuple[bool, int]:
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])
    return ready, int(pod["metadata"].get("annotations", {}).get(COST, "0"))
