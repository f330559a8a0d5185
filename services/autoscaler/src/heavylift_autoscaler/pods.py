"""What the JSON of a pod says that matters here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

COST: Final = "controller.kubernetes.io/pod-deletion-cost"

_IMAGE: Final = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"})
_BROKEN: Final = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """One pod. ``cost`` is what it says that its deletion costs, '' when it says nothing.

    ``image``, ``crash`` and ``unplaced``: why it cannot be ready, in words, or ''.
    """

    name: str
    uid: str
    ready: bool
    leaving: bool = False
    over: bool = False
    placed: bool = True
    cost: str = ""
    image: str = ""
    crash: str = ""
    unplaced: str = ""

    @property
    def host(self) -> str:
        """The name by which its workers know the host that they run on."""
        return self.name[:63].rstrip("-.")

    @property
    def broken(self) -> bool:
        """Whether it will not get ready by itself."""
        return bool(self.image or self.crash)


def read_pod(item: Mapping[str, Any]) -> Pod:
    """From JSON."""
    metadata, status = item["metadata"], item.get("status", {})
    conditions = {condition["type"]: condition for condition in status.get("conditions", ())}
    containers = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    scheduled = conditions.get("PodScheduled", {})
    ready = conditions.get("Ready", {}).get("status") == "True"
    return Pod(
        name=metadata["name"],
        uid=metadata["uid"],
        ready=ready,
        leaving="deletionTimestamp" in metadata,
        over=status.get("phase") in ("Failed", "Succeeded"),
        placed=bool(item.get("spec", {}).get("nodeName")),
        cost=metadata.get("annotations", {}).get(COST, ""),
        image=next(filter(None, map(_image, containers)), ""),
        crash="" if ready else next(filter(None, map(_crash, containers)), ""),
        unplaced=scheduled.get("message", "no node has room for it") if scheduled.get("reason") == "Unschedulable" else "",
    )


def belongs(item: Mapping[str, Any], deployment: Mapping[str, Any]) -> bool:
    """Whether a pod is one of a Deployment's, by its labels."""
    labels = item["metadata"].get("labels", {})
    wanted = deployment["spec"].get("selector", {}).get("matchLabels", {})
    return bool(wanted) and all(labels.get(name) == value for name, value in wanted.items())


def _image(container: Mapping[str, Any]) -> str:
    waiting = container.get("state", {}).get("waiting", {})
    if waiting.get("reason") not in _IMAGE:
        return ""
    return f"its image {container.get('image', '')} cannot be pulled ({waiting['reason']})"


def _crash(container: Mapping[str, Any]) -> str:
    waiting = container.get("state", {}).get("waiting", {})
    if waiting.get("reason") in _BROKEN:
        return f"its container cannot be started ({waiting['reason']}: {waiting.get('message', '')})"
    ended = container.get("lastState", {}).get("terminated") or container.get("state", {}).get("terminated") or {}
    if not container.get("restartCount") or not ended.get("exitCode"):
        return ""
    return f"it ended with exit code {ended['exitCode']} and was restarted {container['restartCount']} times"
