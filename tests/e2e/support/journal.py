"""The pod in which every run leaves its marks: a Redis of its own, on the node that no fault touches."""

from typing import Any, Final

from kubernetes.client import ApiException

from tests.e2e.support.cluster import Cluster
from tests.support.eventually import eventually

NAME: Final = "journal"
_THERE_ALREADY: Final = 409


def start(cluster: Cluster, node: str) -> str:
    """Start it unless it runs; its URL for pods."""
    for create, body in ((cluster.core.create_namespaced_pod, _pod(node)), (cluster.core.create_namespaced_service, _service())):
        try:
            create(cluster.namespace, body)
        except ApiException as error:
            if error.status != _THERE_ALREADY:
                raise
    eventually(lambda: cluster.core.read_namespaced_pod(NAME, cluster.namespace).status.phase, holds="Running".__eq__, within=60)
    return f"redis://{NAME}.{cluster.namespace}:6379/0"


def _pod(node: str) -> dict[str, Any]:
    rights = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
    container = {
        "name": NAME,
        "image": "docker.io/library/redis:8.0",
        "command": ["redis-server", "--save", "", "--protected-mode", "no", "--dir", "/data"],
        "securityContext": rights,
    }
    user = {"runAsNonRoot": True, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"nodeName": node, "securityContext": user, "terminationGracePeriodSeconds": 1, "containers": [container]}
    return {"metadata": {"name": NAME, "labels": {"app": NAME}}, "spec": spec}


def _service() -> dict[str, Any]:
    return {"metadata": {"name": NAME}, "spec": {"selector": {"app": NAME}, "ports": [{"port": 6379}]}}
