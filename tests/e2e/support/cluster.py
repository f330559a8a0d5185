"""What can be asked of a cluster and done to it: the official client in the words of the tests."""

import base64
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

from kubernetes import client, config
from kubernetes.client import ApiException
from kubernetes.stream import stream

from tests.support.eventually import eventually

_INSTANCE: Final = "app.kubernetes.io/instance"
_COMPONENT: Final = "app.kubernetes.io/component"
_GONE: Final = 404

#: Kubernetes refuses every pod that asks for a right which it does not need.
_RESTRICTED: Final = {"pod-security.kubernetes.io/enforce": "restricted"}


class Cluster:
    """One namespace of a cluster, and its nodes."""

    def __init__(self, namespace: str) -> None:
        # Said here, as the client has looked at the environment when it was imported, before the cluster was there.
        config.load_kube_config(os.environ.get("KUBECONFIG"))  # type: ignore[no-untyped-call]  # it has no types
        self.namespace = namespace
        # Its types say of every field that it may be missing, which of what a server answers is not so.
        self.core: Any = client.CoreV1Api()
        self.apps: Any = client.AppsV1Api()
        self.networking: Any = client.NetworkingV1Api()

    def make_namespace_anew(self) -> None:
        """Remove it with everything in it, if it is there, and make it."""
        self.remove_namespace()
        self.core.create_namespace({"metadata": {"name": self.namespace, "labels": _RESTRICTED}})

    def remove_namespace(self) -> None:
        """Remove it with everything in it, if it is there."""
        if self._has_namespace():
            with suppress(ApiException):  # it is about to go
                self.core.delete_namespace(self.namespace)
            eventually(self._has_namespace, holds=False.__eq__, within=120, claim="the end of the old namespace")

    def _has_namespace(self) -> bool:
        return any(namespace.metadata.name == self.namespace for namespace in self.core.list_namespace().items)

    def secret(self, component: str, key: str) -> str:
        """What the one Secret of a component holds under ``key``; nothing where there is none."""
        selector = f"app.kubernetes.io/component={component}"
        found = self.core.list_namespaced_secret(self.namespace, label_selector=selector).items
        return base64.b64decode(found[0].data[key]).decode() if found else ""

    def leave_secret(self, name: str, release: str, data: dict[str, str]) -> None:
        """Make a Secret of a component ``api`` that the chart of a release takes for its own."""
        labels = {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/component": "api"}
        annotations = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": self.namespace}
        about = {"name": name, "labels": labels, "annotations": annotations}
        self.core.create_namespaced_secret(self.namespace, {"metadata": about, "stringData": data})

    def nodes(self) -> list[str]:
        """Names of the nodes that pods may run on, in order."""
        nodes = self.core.list_node().items
        return sorted(node.metadata.name for node in nodes if not any(t.effect == "NoSchedule" for t in node.spec.taints or []))

    def node_address(self, node: str) -> str:
        """Where a node is reached."""
        addresses = self.core.read_node(node).status.addresses
        return next(str(address.address) for address in addresses if address.type == "InternalIP")

    def await_node(self, node: str, *, ready: bool, within: float) -> None:
        """Until the control plane holds a node for ready, or for lost."""
        eventually(lambda: self._is_node_ready(node), holds=ready.__eq__, within=within, claim=f"ready={ready} of {node}")

    def set_schedulable(self, node: str, schedulable: bool) -> None:
        """Let pods onto a node, or no new ones."""
        self.core.patch_node(node, {"spec": {"unschedulable": not schedulable}})

    def evict(self, pod: str) -> bool:
        """Ask a pod to leave, as a drain does; False when a budget forbids it for now."""
        body = client.V1Eviction(metadata=client.V1ObjectMeta(name=pod, namespace=self.namespace))
        try:
            self.core.create_namespaced_pod_eviction(pod, self.namespace, body)
        except ApiException as error:
            if error.status not in (_GONE, 429):
                raise
            return bool(error.status == _GONE)
        return True

    def pods(self, release: str, component: str | None = None, *, node: str | None = None) -> list[Any]:
        """The release's pods, those of a component, or those on a node, by name."""
        selector = f"{_INSTANCE}={release}" + (f",{_COMPONENT}={component}" if component else "")
        pods = self.core.list_namespaced_pod(self.namespace, label_selector=selector).items
        return sorted((pod for pod in pods if node in (None, pod.spec.node_name)), key=lambda pod: pod.metadata.name)

    def pod_address(self, pod: str) -> str:
        """Where a pod is reached."""
        return str(self.core.read_namespaced_pod(pod, self.namespace).status.pod_ip)

    def complaints(self, pod: str) -> list[str]:
        """What was said of a pod, and is no mere fact."""
        events = self.core.list_namespaced_event(self.namespace, field_selector=f"involvedObject.name={pod},type=Warning")
        return [event.message for event in events.items]

    def kill_pod(self, pod: str) -> None:
        """End a pod at once: it does not get to say goodbye."""
        self.delete_pod(pod, grace=0)

    def delete_pod(self, pod: str, grace: int | None = None) -> None:
        """Ask a pod to end; ``grace`` in seconds is its own unless said."""
        self.core.delete_namespaced_pod(pod, self.namespace, grace_period_seconds=grace)

    def run_in(self, pod: str, container: str, *command: str) -> str:
        """What a command prints in a container. Raises RuntimeError with its words when it fails."""
        connection = stream(
            self.core.connect_get_namespaced_pod_exec,
            pod,
            self.namespace,
            container=container,
            command=list(command),
            stdout=True,
            stderr=True,
            stdin=False,
            tty=False,
            _preload_content=False,
        )
        try:
            connection.run_forever(timeout=60)
            printed, complained = connection.read_stdout(), connection.read_stderr()
        finally:
            connection.sock.shutdown()  # `close` leaves the socket open once the other side has ended
        if connection.returncode:
            raise RuntimeError(f"{' '.join(command)} in {pod} ended with {connection.returncode}: {complained or printed}")
        return str(printed)

    def restart(self, kind: str, name: str) -> None:
        """Replace a workload's pods one after the other, as `kubectl rollout restart` does."""
        now = datetime.now(UTC).isoformat()
        patch = {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}}
        change: Callable[..., Any] = getattr(self.apps, f"patch_namespaced_{kind}")
        change(name, self.namespace, patch)

    @contextmanager
    def without(self, deployment: str, *, namespace: str) -> Iterator[None]:
        """Let a deployment have no pods for a while."""
        wanted = self.apps.read_namespaced_deployment(deployment, namespace).spec.replicas
        self.apps.patch_namespaced_deployment_scale(deployment, namespace, {"spec": {"replicas": 0}})
        try:
            eventually(lambda: self._replicas(deployment, namespace), holds=lambda left: not left, within=60, claim="its end")
            yield
        finally:
            self.apps.patch_namespaced_deployment_scale(deployment, namespace, {"spec": {"replicas": wanted}})
            eventually(lambda: self._replicas(deployment, namespace), holds=wanted.__eq__, within=90, claim="its return")

    def _replicas(self, deployment: str, namespace: str) -> int:
        return self.apps.read_namespaced_deployment(deployment, namespace).status.ready_replicas or 0

    def replicas(self, deployment: str) -> int:
        """How many pods a deployment was told to have."""
        return int(self.apps.read_namespaced_deployment(deployment, self.namespace).spec.replicas)

    def await_rolled_out(self, *, within: float = 180.0) -> None:
        """Until every workload of the namespace is as it was last asked to be, with all its pods ready."""
        eventually(self._unfinished, holds=lambda names: not names, within=within, claim="all workloads rolled out and ready")

    def _unfinished(self) -> list[str]:
        workloads = [
            *self.apps.list_namespaced_deployment(self.namespace).items,
            *self.apps.list_namespaced_stateful_set(self.namespace).items,
        ]
        # A workload's own word is as old as its controller is slow: a pod that was killed just now still counts there.
        pods = [pod.metadata.labels or {} for pod in self.core.list_namespaced_pod(self.namespace).items if is_ready(pod)]
        return [workload.metadata.name for workload in workloads if not _is_finished(workload, pods)]

    def _is_node_ready(self, node: str) -> bool:
        conditions = self.core.read_node(node).status.conditions
        return any(condition.type == "Ready" and condition.status == "True" for condition in conditions)


def is_ready(pod: Any) -> bool:
    """Whether a pod serves and is not about to leave."""
    conditions = pod.status.conditions or ()
    return not pod.metadata.deletion_timestamp and any(one.type == "Ready" and one.status == "True" for one in conditions)


def _is_finished(workload: Any, ready: Sequence[Mapping[str, str]]) -> bool:
    status, wanted = workload.status, workload.spec.replicas
    own = workload.spec.selector.match_labels.items()
    return bool(
        (status.observed_generation or 0) >= workload.metadata.generation
        and (status.updated_replicas or 0) >= wanted
        and (status.ready_replicas or 0) == wanted
        and (status.replicas or 0) == wanted
        and sum(own <= labels.items() for labels in ready) == wanted
    )
