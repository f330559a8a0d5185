"""What is known of the cluster, by watching it."""

from heavylift_autoscaler.cluster.api import Api
from heavylift_autoscaler.cluster.resources import AUTOSCALERS, DEPLOYMENTS, PODS, SCALED_OBJECTS
from heavylift_autoscaler.cluster.watched import Watched
from heavylift_autoscaler.pods import belongs, read_pod
from heavylift_autoscaler.scene import Scene
from heavylift_autoscaler.workloads import other_owner, read_deployment


class View:
    """Copies of the Deployments, the pods with the labels of ``selector``, and those who would scale them, too."""

    def __init__(self, api: Api, *, selector: str) -> None:
        self._deployments = Watched(api, DEPLOYMENTS)
        self._pods = Watched(api, PODS, selector=selector)
        self._autoscalers = Watched(api, AUTOSCALERS)
        self._scaled_objects = Watched(api, SCALED_OBJECTS, optional=True)
        self._all = (self._deployments, self._pods, self._autoscalers, self._scaled_objects)

    def start(self) -> None:
        """Begin to watch."""
        for watched in self._all:
            watched.start()

    def stop(self) -> None:
        """Watch no more, soon."""
        for watched in self._all:
            watched.stop()

    @property
    def trouble(self) -> str:
        """Why what is known may be old, or ''."""
        return next((watched.trouble for watched in self._all if watched.trouble), "")

    def of(self, deployment: str) -> Scene:
        """One pool's part of it."""
        item = self._deployments.objects.get(deployment)
        if item is None:
            return Scene(trouble=self.trouble)
        pods = (read_pod(pod) for pod in self._pods.objects.values() if belongs(pod, item))
        return Scene(
            item=item,
            deployment=read_deployment(item),
            pods=tuple(sorted(pods, key=lambda pod: pod.name)),
            owner=other_owner(deployment, self._autoscalers.objects.values(), self._scaled_objects.objects.values()),
            trouble=self.trouble,
        )
