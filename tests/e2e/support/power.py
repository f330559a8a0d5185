"""Nodes that lose their power or their cable, and get it back; and containers that get no time."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.support.target import Target


class Power:
    """What can be done to a node of this target. Raises NotImplementedError where it has no way to do it."""

    def __init__(self, target: Target) -> None:
        self._target = target

    @contextmanager
    def cut(self, node: str) -> Iterator[None]:
        """Without power: nothing on it gets to say goodbye, and its disk stays."""
        self._do("stop", node)
        try:
            yield
        finally:
            self._do("start", node)

    @contextmanager
    def unplugged(self, node: str) -> Iterator[None]:
        """Without its cable: it runs on, and packets are lost silently in both directions."""
        self._do("unplug", node)
        try:
            yield
        finally:
            self._do("replug", node)

    @contextmanager
    def frozen(self, node: str, container: str) -> Iterator[None]:
        """The processes of a container get no time, and are not told."""
        self._ask_runtime(node, "pause", container)
        try:
            yield
        finally:
            self._ask_runtime(node, "resume", container)

    def _ask_runtime(self, node: str, verb: str, container: str) -> None:
        if self._target.name == "cluster":
            # It keeps what belongs to a node beside its kubeconfig.
            where = ["--address", str(Path(os.environ["KUBECONFIG"]).parent / node / "containerd.sock")]
            command = ["ctr", *where]
        elif self._target.name == "kind":
            command = ["docker", "exec", node, "ctr"]
        else:
            raise NotImplementedError(f"there is no way to {verb} a container of {self._target.name}")
        subprocess.run([*command, "--namespace", "k8s.io", "tasks", verb, container], check=True, capture_output=True)

    def _do(self, verb: str, node: str) -> None:
        if self._target.name == "cluster":
            command = [str(self._target.program), verb, node]
        elif self._target.name == "kind" and verb in ("stop", "start"):
            command = ["docker", "kill" if verb == "stop" else "start", node]
        else:
            raise NotImplementedError(f"there is no way to {verb} a node of {self._target.name}")
        subprocess.run(command, check=True, capture_output=True)
