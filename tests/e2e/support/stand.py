"""The system under test: a release on a cluster, a way in, and the witnesses."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.chaos.history import Counts, Held, Run
from tests.e2e.support.cluster import Cluster, is_ready
from tests.e2e.support.entrance import Entrance
from tests.e2e.support.helm import Release
from tests.e2e.support.power import Power
from tests.support.eventually import eventually


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the witnesses say at a moment, ``now`` by the clock of the journal."""

    now: float
    runs: tuple[Run, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Stand:
    """``refuge`` is the node with the journal and the ingress that clients use: no fault touches it. ``values`` are those
    with which the release was installed."""

    cluster: Cluster
    release: Release
    power: Power
    refuge: str
    address: str
    host: str
    journal_url: str
    values: dict[str, Any]

    def connect(self) -> Entrance:
        """A client of its own."""
        return Entrance(self.address, self.host, self.cluster.secret("api", "first-key"))

    def pods(self, component: str, *, node: str | None = None) -> list[str]:
        """Names of the pods of a component."""
        return [pod.metadata.name for pod in self.cluster.pods(self.release.name, component, node=node)]

    def at_work(self, entrance: Entrance) -> dict[str, int]:
        """Pods of workers that run tasks now, and how many."""
        running = [task["worker"] or "" for task in entrance.tasks(state="running")]
        pods = {pod: sum(f"@{pod}/" in worker for worker in running) for pod in self.pods("worker")}
        return {pod: tasks for pod, tasks in pods.items() if tasks}

    def node_of(self, pod: str) -> str:
        """The node that a pod is on."""
        return str(self.cluster.core.read_namespaced_pod(pod, self.cluster.namespace).spec.node_name)

    def drain(self, node: str) -> None:
        """Let no new pod onto a node and ask the release's to leave, as `kubectl drain` does; return when they are gone."""
        self.cluster.set_schedulable(node, False)
        leaving = {pod.metadata.name: pod.metadata.uid for pod in self.cluster.pods(self.release.name, node=node)}
        for pod in leaving:
            eventually(partial(self.cluster.evict, pod), within=180, claim=f"leave for {pod} to go")
        eventually(
            lambda: {pod.metadata.uid for pod in self.cluster.pods(self.release.name, node=node)} & set(leaving.values()),
            holds=lambda left: not left,
            within=180,
            claim=f"the end of what ran on {node}",
        )

    def hang_redis(self, pod: str, seconds: float) -> None:
        """Let the server in a pod do nothing at all for so long, while its connections stay."""
        found = self.cluster.core.read_namespaced_pod(pod, self.cluster.namespace)
        (status,) = [status for status in found.status.container_statuses if status.name == "redis"]
        with self.power.frozen(found.spec.node_name, status.container_id.rpartition("/")[2]):
            time.sleep(seconds)

    def fill_volume(self, pod: str) -> None:
        """Leave no room on the volume of a server."""
        self.cluster.run_in(pod, "redis", "sh", "-c", "dd if=/dev/zero of=/data/filler bs=64k 2>/dev/null || sync")

    def empty_volume(self, pod: str) -> None:
        """Make room again."""
        self.cluster.run_in(pod, "redis", "rm", "/data/filler")

    def redis_primary(self) -> str:
        """The pod of Redis that takes writes."""
        roles = {pod: self.redis(pod, "ROLE").split()[0] for pod in self.pods("redis")}
        return next(pod for pod, role in roles.items() if role == "master")

    def redis(self, pod: str, *words: str) -> str:
        """What a server of Redis answers its operator."""
        ask = 'REDISCLI_AUTH="$(cat /passwords/operator)" exec redis-cli --user operator "$@"'
        return self.cluster.run_in(pod, "redis", "sh", "-c", ask, "redis-cli", *words)

    def testify(self) -> Testimony:
        """Ask the witnesses, from inside any worker's pod, as soon as they answer."""
        said = json.loads(eventually(self._ask_witnesses, within=90, claim="an answer of the witnesses"))
        runs = tuple(Run(Held(**run.pop("held")), **run) for run in said["runs"])
        return Testimony(said["now"], runs, Counts(**said["counts"]))

    def _ask_witnesses(self) -> str:
        pods = [pod.metadata.name for pod in self.cluster.pods(self.release.name, "worker") if is_ready(pod)]
        with suppress(RuntimeError):  # no worker is ready, or Redis is not
            return self.cluster.run_in(pods[0], "worker", "python", "-m", "tests.e2e.witness", self.journal_url) if pods else ""
        return ""
