"""What is changed in the cluster, and under which condition."""

from heavylift_autoscaler.cluster.api import Api, ApiTrouble
from heavylift_autoscaler.cluster.election import Election
from heavylift_autoscaler.cluster.resources import DEPLOYMENTS, PODS
from heavylift_autoscaler.pods import COST


class Hands:
    """Changes only what was as it was thought to be, and only while nobody else can hold the Lease."""

    def __init__(self, api: Api, election: Election) -> None:
        self._api = api
        self._election = election

    def scale(self, deployment: str, before: int, after: int) -> None:
        """Have ``after`` pods in place of ``before``. Raises ApiTrouble, also when there were others than ``before`` ordered."""
        scale = self._api.get(DEPLOYMENTS, deployment, "scale")
        ordered = int(scale["spec"].get("replicas", 0))
        if ordered != before:
            raise ApiTrouble(f"somebody has set {deployment} to {ordered} pods meanwhile, not {before}; it is decided anew")
        body = {"metadata": {"resourceVersion": scale["metadata"]["resourceVersion"]}, "spec": {"replicas": after}}
        self._api.patch(DEPLOYMENTS, deployment, body, "scale", within=self._time())

    def mark(self, pod: str, cost: str | None) -> None:
        """Say what the deletion of a pod costs, or say nothing any more. Raises ApiTrouble."""
        self._api.patch(PODS, pod, {"metadata": {"annotations": {COST: cost}}}, within=self._time())

    def _time(self) -> float:
        certain = self._election.certain
        if certain <= 0:
            raise ApiTrouble("the Lease is not certain any more, so nothing is changed")
        return certain
