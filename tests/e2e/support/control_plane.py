"""A real API server with the controllers of Deployments, on loopback, without nodes: for tests that need no container.

Its programs are those of PATH, of KUBEBUILDER_ASSETS or of the test cluster, and etcd.
"""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kubernetes import client, config

from heavylift.local.processes import free_port
from tests.support.eventually import eventually

PLACES: Final = (os.environ.get("KUBEBUILDER_ASSETS", ""), "/var/lib/testcluster/bin")


@dataclass(frozen=True)
class ControlPlane:
    """``admin`` may do everything, ``autoscaler`` nothing that no Role allows; both are kubeconfigs."""

    admin: Path
    autoscaler: Path

    def client(self) -> Any:
        """A client that may do everything."""
        return config.new_client_from_config(str(self.admin))  # type: ignore[no-untyped-call]


@contextmanager
def control_plane(folder: Path) -> Iterator[ControlPlane]:
    """Start all of it, and end it."""
    etcd, peers, port = (free_port() for _ in range(3))
    tokens = {name: secrets.token_hex(16) for name in ("admin", "autoscaler")}
    (folder / "tokens.csv").write_text(f'{tokens["admin"]},admin,1,"system:masters"\n{tokens["autoscaler"]},autoscaler,2\n')
    _make_key(folder / "accounts.key")
    with ExitStack() as running:
        running.enter_context(_started("etcd", folder, *_etcd(folder, etcd, peers)))
        running.enter_context(_started("kube-apiserver", folder, *_api_server(folder, etcd, port)))
        paths = {name: _kubeconfig(folder, name, port, token) for name, token in tokens.items()}
        plane = ControlPlane(paths["admin"], paths["autoscaler"])
        eventually(lambda: _is_ready(folder, plane), within=90, claim="an API server")
        running.enter_context(_started("kube-controller-manager", folder, *_controllers(folder, plane)))
        yield plane


def _etcd(folder: Path, port: int, peers: int) -> list[str]:
    here, there = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peers}"
    listening = ["--listen-client-urls", here, "--advertise-client-urls", here, "--listen-peer-urls", there]
    cluster = ["--initial-advertise-peer-urls", there, "--initial-cluster", f"default={there}"]
    return ["--data-dir", str(folder / "etcd"), *listening, *cluster, "--unsafe-no-fsync"]


def _api_server(folder: Path, etcd: int, port: int) -> list[str]:
    key = str(folder / "accounts.key")
    accounts = ["--service-account-key-file", key, "--service-account-signing-key-file", key]
    return [
        *("--etcd-servers", f"http://127.0.0.1:{etcd}", "--cert-dir", str(folder / "certificates")),
        *("--bind-address", "127.0.0.1", "--secure-port", str(port), "--service-cluster-ip-range", "10.96.0.0/24"),
        *("--token-auth-file", str(folder / "tokens.csv"), "--authorization-mode", "RBAC"),
        *(*accounts, "--service-account-issuer", "https://here", "--disable-admission-plugins", "ServiceAccount"),
    ]


def _controllers(folder: Path, plane: ControlPlane) -> list[str]:
    admin = str(plane.admin)
    return [
        *("--kubeconfig", admin, "--authentication-kubeconfig", admin, "--authorization-kubeconfig", admin),
        *("--controllers", "deployment-controller,replicaset-controller", "--leader-elect=false"),
        *("--bind-address", "127.0.0.1", "--secure-port", str(free_port()), "--cert-dir", str(folder / "controllers")),
    ]


@contextmanager
def _started(name: str, folder: Path, *arguments: str) -> Iterator[None]:
    log = folder / f"{name}.log"
    with log.open("wb") as out, subprocess.Popen([_find(name), *arguments], stdout=out, stderr=out) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _find(name: str) -> str:
    found = shutil.which(name) or next((found for place in PLACES if place and (found := shutil.which(name, path=place))), None)
    assert found, f"there is no {name}: put it on PATH, or name its folder with KUBEBUILDER_ASSETS"
    return found


def _make_key(path: Path) -> None:
    subprocess.run(["openssl", "genrsa", "-out", str(path), "2048"], check=True, capture_output=True)


def _kubeconfig(folder: Path, name: str, port: int, token: str) -> Path:
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(folder / "certificates" / "apiserver.crt")}
    told = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": cluster}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": name, "namespace": "default"}}],
        "current-context": "here",
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(told))
    return path


def _is_ready(folder: Path, plane: ControlPlane) -> bool:
    if not (folder / "certificates" / "apiserver.crt").exists():
        return False
    try:
        names = [item.metadata.name for item in client.CoreV1Api(plane.client()).list_namespace().items]
    except Exception:
        return False
    return "default" in names
