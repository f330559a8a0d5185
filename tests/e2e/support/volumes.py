"""Volumes that can be full: a disk of their own in memory, one on each node."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from kubernetes import client
from kubernetes.client import ApiException

from tests.e2e.support.cluster import Cluster
from tests.e2e.support.target import Target

CLASS: Final = "heavylift-e2e-small"
SIZE: Final = "64Mi"


@contextmanager
def small_volumes(target: Target, cluster: Cluster) -> Iterator[str]:
    """Make them; the storage class that has them. They must not be in use at the end."""
    nodes = cluster.nodes()
    storage: Any = client.StorageV1Api()
    storage.create_storage_class({"metadata": {"name": CLASS}, "provisioner": "kubernetes.io/no-provisioner", **_WAITING})
    try:
        for node in nodes:
            _on_node(target, node, f"{_without_disk(node)}; mkdir -p {_folder(node)} && {_with_disk(node)}")
            cluster.core.create_persistent_volume(_volume(node))
        yield CLASS
    finally:
        storage.delete_storage_class(CLASS)
        for node in nodes:
            with suppress(ApiException):  # some clusters take away what nobody claims any more
                cluster.core.delete_persistent_volume(f"{CLASS}-{node}")
            _on_node(target, node, f"{_without_disk(node)}; rmdir {_folder(node)}")


_WAITING: Final = {"volumeBindingMode": "WaitForFirstConsumer", "reclaimPolicy": "Retain"}


def _folder(node: str) -> str:
    return f"/var/lib/{CLASS}/{node}"


def _with_disk(node: str) -> str:
    return f"mount -t tmpfs -o size={SIZE.rstrip('i')} tmpfs {_folder(node)}"


def _without_disk(node: str) -> str:
    """Whatever is mounted there: a run that was killed leaves its own beneath."""
    return f"while mountpoint -q {_folder(node)}; do umount -l {_folder(node)}; done"


def _volume(node: str) -> dict[str, Any]:
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    spec = {
        "capacity": {"storage": SIZE},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": CLASS,
        "persistentVolumeReclaimPolicy": "Retain",
        "local": {"path": _folder(node)},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
    }
    return {"metadata": {"name": f"{CLASS}-{node}"}, "spec": spec}


def _on_node(target: Target, node: str, command: str) -> None:
    """Run it as root where the node's files are."""
    where = {"cluster": [], "kind": ["docker", "exec", node]}
    if target.name not in where:
        raise NotImplementedError(f"there is no way to make a disk on a node of {target.name}")
    subprocess.run([*where[target.name], "sh", "-c", command], check=True)
