"""What is said to Kubernetes of those who scale a pool, and of whose requests are counted. Pure."""

from collections.abc import Mapping
from typing import Any, Final

Manifest = Mapping[str, Any]

#: Where an account of Kubernetes' own lives.
SYSTEM: Final = "kube-system"


def scaled_object(namespace: str, deployment: str, redis: str, maximum: int, **said: Any) -> list[Manifest]:
    """KEDA's, on the length of the stream of the pool's queue, with how it logs in. ``said`` goes into its spec; the key
    ``streamLength`` is the target of the trigger."""
    target = said.pop("streamLength", None)
    metadata = {"address": f"{redis}:6379", "stream": "heavylift:{p0}:queue:default:process:normal"}
    trigger = {
        "type": "redis-streams",
        "metadata": metadata | ({"streamLength": str(target)} if target else {}),
        "authenticationRef": {"name": "scaler"},
    }
    spec = {"scaleTargetRef": {"name": deployment}, "maxReplicaCount": maximum, "triggers": [trigger], **said}
    return [
        _object("v1", "Secret", namespace, "scaler", stringData={"username": "api", "password": ""}),
        _object("keda.sh/v1alpha1", "TriggerAuthentication", namespace, "scaler", spec={"secretTargetRef": _login()}),
        _object("keda.sh/v1alpha1", "ScaledObject", namespace, "scaler", spec=spec),
    ]


def _login() -> list[dict[str, str]]:
    return [{"parameter": name, "name": "scaler", "key": name} for name in ("username", "password")]


def with_password(manifests: list[Manifest], password: str) -> list[Manifest]:
    """The same, with the password in their Secret."""
    return [{**m, "stringData": {**m["stringData"], "password": password}} if m["kind"] == "Secret" else m for m in manifests]


def cpu_scaler(namespace: str, deployment: str, maximum: int, **behavior: Any) -> list[Manifest]:
    """An HPA on 80 % of the processor that is asked for, which is its default."""
    target = {"type": "Utilization", "averageUtilization": 80}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment},
        "minReplicas": 1,
        "maxReplicas": maximum,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        **({"behavior": behavior} if behavior else {}),
    }
    return [_object("autoscaling/v2", "HorizontalPodAutoscaler", namespace, "scaler", spec=spec)]


def counted(name: str, account: tuple[str, str], *, namespace: str = "*", before: int = 60) -> Manifest:
    """A flow of its own for what ``account`` (namespace, name) asks of the API server, so that the server counts it apart.

    ``namespace`` narrows it to what is asked about one; ``before`` is its place among the flows, the least first. The level of
    priority is that which accounts have without it.
    """
    subject = {"kind": "ServiceAccount", "serviceAccount": {"namespace": account[0], "name": account[1]}}
    everything: dict[str, Any] = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": [namespace]}
    if namespace == "*":
        everything["clusterScope"] = True
    level = "workload-high" if account[0] == SYSTEM else "workload-low"
    spec = {
        "matchingPrecedence": before,
        "priorityLevelConfiguration": {"name": level},
        "rules": [{"subjects": [subject], "resourceRules": [everything]}],
    }
    return {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": {"name": name}, "spec": spec}


def _object(version: str, kind: str, namespace: str, name: str, **body: Any) -> Manifest:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **body}
