"""What a cluster leaves behind when a test has failed: events, states and logs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubernetes.client import ApiException

from tests.e2e.support.cluster import Cluster


def write_testament(cluster: Cluster, folder: Path) -> str:
    """Write everything into a folder; a summary that says where."""
    folder.mkdir(parents=True, exist_ok=True)
    events = "\n".join(_events(cluster))
    (folder / "events.txt").write_text(events)
    pods = cluster.core.list_namespaced_pod(cluster.namespace).items
    for pod in pods:
        for container in pod.spec.containers:
            _write_logs(cluster, pod, container.name, folder)
    states = "\n".join(_state(pod) for pod in pods)
    (folder / "pods.txt").write_text(states)
    return f"{states}\n\n{events[-3000:]}\n\nlogs and events: {folder}"


def _events(cluster: Cluster) -> Iterator[str]:
    events = cluster.core.list_namespaced_event(cluster.namespace).items
    for event in sorted(events, key=lambda event: str(event.last_timestamp or event.event_time)):
        yield f"{event.last_timestamp or event.event_time} {event.involved_object.name} {event.reason}: {event.message}"


def _state(pod: Any) -> str:
    statuses = pod.status.container_statuses or []
    containers = ", ".join(f"{status.name} ready={status.ready} restarts={status.restart_count}" for status in statuses)
    return f"{pod.metadata.name} on {pod.spec.node_name}: {pod.status.phase}; {containers}"


def _write_logs(cluster: Cluster, pod: Any, container: str, folder: Path) -> None:
    for previous in (False, True):
        try:
            text = cluster.core.read_namespaced_pod_log(
                pod.metadata.name, cluster.namespace, container=container, previous=previous
            )
        except ApiException:
            continue  # it has not had a life before, or its node is gone
        (folder / f"{pod.metadata.name}.{container}{'.before' if previous else ''}.log").write_text(text or "")
