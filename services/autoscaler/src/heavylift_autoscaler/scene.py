"""What is known of the cluster at one moment, for one pool."""

from dataclasses import dataclass

from heavylift_autoscaler.cluster.resources import Object
from heavylift_autoscaler.pods import Pod
from heavylift_autoscaler.workloads import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """``item`` is the Deployment's JSON, None when there is none.

    ``owner``: who else scales it. ``trouble``: why this may be old.
    """

    item: Object | None = None
    deployment: Deployment | None = None
    pods: tuple[Pod, ...] = ()
    owner: str = ""
    trouble: str = ""
