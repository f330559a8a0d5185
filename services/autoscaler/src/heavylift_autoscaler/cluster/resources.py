"""The kinds of object that are asked for, and where they are."""

from dataclasses import dataclass
from typing import Any, Final

Object = dict[str, Any]  #: An object of Kubernetes, as its JSON.


@dataclass(frozen=True, slots=True)
class Resource:
    """``group`` is '' for the core of Kubernetes."""

    group: str
    version: str
    plural: str

    def path(self, namespace: str, name: str = "", part: str = "") -> str:
        """Where all of them are, or one, or a part of one such as its scale."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return "/".join(filter(None, (root, "namespaces", namespace, self.plural, name, part)))


DEPLOYMENTS: Final = Resource("apps", "v1", "deployments")
PODS: Final = Resource("", "v1", "pods")
EVENTS: Final = Resource("", "v1", "events")
LEASES: Final = Resource("coordination.k8s.io", "v1", "leases")
AUTOSCALERS: Final = Resource("autoscaling", "v2", "horizontalpodautoscalers")
SCALED_OBJECTS: Final = Resource("keda.sh", "v1alpha1", "scaledobjects")
