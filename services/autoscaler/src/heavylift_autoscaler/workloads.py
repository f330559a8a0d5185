"""What the JSON of a Deployment, and of those that would scale it, says that matters here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Deployment:
    """``ordered`` pods; ``forbidden``: why they are not made, or ''; ``rolling``: whether new ones replace old ones."""

    name: str
    ordered: int
    forbidden: str
    rolling: bool


def read_deployment(item: Mapping[str, Any]) -> Deployment:
    """From JSON."""
    spec, status = item["spec"], item.get("status", {})
    ordered = int(spec.get("replicas", 1))
    failures = (
        c.get("message", "") for c in status.get("conditions", ()) if c["type"] == "ReplicaFailure" and c["status"] == "True"
    )
    return Deployment(
        name=item["metadata"]["name"],
        ordered=ordered,
        forbidden=next(failures, ""),
        rolling=int(status.get("updatedReplicas", 0)) < int(status.get("replicas", 0)),
    )


def other_owner(deployment: str, autoscalers: Iterable[Mapping[str, Any]], scaled_objects: Iterable[Mapping[str, Any]]) -> str:
    """Who else scales a Deployment, in words, or ''. An autoscaler that KEDA made is named by what KEDA was told."""
    for item in scaled_objects:
        target = item["spec"].get("scaleTargetRef", {})
        if target.get("name") == deployment and target.get("kind", "Deployment") == "Deployment":
            return f"the ScaledObject {item['metadata']['name']}"
    for item in autoscalers:
        target = item["spec"].get("scaleTargetRef", {})
        if target.get("name") == deployment and target.get("kind") == "Deployment":
            return f"the HorizontalPodAutoscaler {item['metadata']['name']}"
    return ""
