"""kubectl, as a person would type it."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from bench.live.manifests import Manifest

_PORT: Final = "Forwarding from 127.0.0.1:"


def apply(manifests: Sequence[Manifest]) -> None:
    """Have all of them as they are said."""
    _kubectl("apply", "--filename", "-", said=_listed(manifests))


def delete(manifests: Sequence[Manifest]) -> None:
    """Have none of them, and return when they are gone."""
    _kubectl("delete", "--ignore-not-found", "--filename", "-", said=_listed(manifests))


def raw(path: str) -> str:
    """What the API server answers."""
    return _kubectl("get", "--raw", path)


@contextmanager
def forwarded(namespace: str, pod: str, port: int) -> Iterator[int]:
    """The port of this machine that leads to a pod's."""
    command = ["kubectl", "--namespace", namespace, "port-forward", f"pod/{pod}", f":{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(_PORT):
                raise RuntimeError(f"kubectl port-forward found no way to {pod}: {line!r}")
            yield int(line.removeprefix(_PORT).split()[0])
        finally:
            process.terminate()


def _listed(manifests: Sequence[Manifest]) -> str:
    said: dict[str, Any] = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
    return json.dumps(said)


def _kubectl(*words: str, said: str | None = None) -> str:
    done = subprocess.run(["kubectl", *words], input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"kubectl {words[0]} failed: {done.stderr or done.stdout}")
    return done.stdout
