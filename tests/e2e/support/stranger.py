"""A pod that is nobody's: what it can reach, anybody in the cluster can."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.e2e.support import images
from tests.e2e.support.cluster import Cluster
from tests.support.eventually import eventually

NAME: Final = "stranger"

Door = tuple[str, int]

#: Prints the doors that open, of those that it is told, all tried at once.
_KNOCK: Final = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor

def opens(door):
    address, port = door.split()
    try:
        socket.create_connection((address, int(port)), 3).close()
    except OSError:
        return False
    return True

doors = sys.argv[1:]
with ThreadPoolExecutor(len(doors)) as pool:
    print("\\n".join(door for door, open_ in zip(doors, pool.map(opens, doors)) if open_))
"""


@contextmanager
def stranger(cluster: Cluster, tag: str) -> Iterator[str]:
    """Let one in for a while; the name of its pod."""
    cluster.core.create_namespaced_pod(cluster.namespace, _pod(tag))
    try:
        eventually(
            lambda: cluster.core.read_namespaced_pod(NAME, cluster.namespace).status.phase, holds="Running".__eq__, within=60
        )
        yield NAME
    finally:
        cluster.delete_pod(NAME)


def open_doors(cluster: Cluster, pod: str, container: str, doors: Iterable[Door]) -> set[Door]:
    """Those of them that open to a container."""
    words = [f"{address} {port}" for address, port in doors]
    said = cluster.run_in(pod, container, "python", "-c", _KNOCK, *words)
    return {(address, int(port)) for address, port in (line.split() for line in said.splitlines() if line)}


def _pod(tag: str) -> dict[str, Any]:
    rights = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
    container = {
        "name": NAME,
        "image": f"docker.io/{images.REPOSITORY}:{tag}",
        "command": ["python", "-c", "import time; time.sleep(3600)"],
        "securityContext": rights,
    }
    user = {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"securityContext": user, "terminationGracePeriodSeconds": 1, "containers": [container]}
    return {"metadata": {"name": NAME, "labels": {"app": NAME}}, "spec": spec}
