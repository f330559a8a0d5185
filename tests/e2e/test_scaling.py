"""The autoscaler, as a process with no more rights than docs/scaling.md lists, on a real API server with the real controllers.

Pods have no node here and workers are connections to Redis: what is proven is which pods go, when, and how soon all happens.
"""

import json
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from kubernetes import client
from kubernetes.client import ApiException

from heavylift.errors import WorkerRests
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.record import Delivery, Submission
from heavylift.store import calls
from heavylift.store.calls import Ended, Steering
from heavylift.store.redis import RedisStore
from tests.e2e.support.control_plane import ControlPlane, control_plane
from tests.e2e.support.target import ROOT
from tests.support.eventually import eventually
from tests.support.service import ServiceProcess

NAME = "workers"
ROUNDS = 8  # in each of which five busy pods of eight are taken away
POOL = {"name": "web", "deployment": NAME, "slots": {"process": 1}, "maximum": 30, "calm": 0, "wait": 30}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The control plane, and the Role of the documentation for the autoscaler."""
    with control_plane(tmp_path_factory.mktemp("control-plane")) as plane:
        _grant(plane)
        yield plane


def _grant(plane: ControlPlane) -> None:
    rules = [
        {"apiGroups": [group], "resources": [resource], "verbs": verbs.split(", ")}
        for group, resource, verbs in re.findall(
            r"^\| `?([a-z.0-9]*)`? ?\| `([a-z/]+)` \| ([a-z, ]+) \|", (ROOT / "docs/scaling.md").read_text(), re.MULTILINE
        )
    ]
    assert len(rules) == 7
    rights = client.RbacAuthorizationV1Api(plane.client())
    rights.create_namespaced_role("default", {"metadata": {"name": "autoscaler"}, "rules": rules})
    subject = {"kind": "User", "name": "autoscaler", "apiGroup": "rbac.authorization.k8s.io"}
    role = {"kind": "Role", "name": "autoscaler", "apiGroup": "rbac.authorization.k8s.io"}
    rights.create_namespaced_role_binding("default", {"metadata": {"name": "autoscaler"}, "roleRef": role, "subjects": [subject]})


@dataclass
class Pool:
    """The Deployment, whose pods are made ready by hand, and for each a worker that runs a task until it is told to end it."""

    plane: ControlPlane
    store: RedisStore
    running: dict[str, Delivery] = field(default_factory=dict)
    interrupted: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._core: Any = client.CoreV1Api(self.plane.client())
        self._apps: Any = client.AppsV1Api(self.plane.client())
        self._over = threading.Event()
        self._known: set[str] = set()
        self._paused = threading.Lock()

    @contextmanager
    def deployed(self, replicas: int) -> Iterator[None]:
        """The Deployment, for as long as it is needed."""
        template = {"metadata": {"labels": {"app": NAME}}, "spec": {"containers": [{"name": "w", "image": "none"}]}}
        labels = {"matchLabels": {"app": NAME}}
        spec = {"replicas": replicas, "selector": labels, "template": template}
        self._apps.create_namespaced_deployment("default", {"metadata": {"name": NAME}, "spec": spec})
        thread = threading.Thread(target=self._live)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            self._apps.delete_namespaced_deployment(NAME, "default", propagation_policy="Background")
            for replica_set in self._apps.list_namespaced_replica_set("default").items:
                self._apps.delete_namespaced_replica_set(replica_set.metadata.name, "default")
            self._core.delete_collection_namespaced_pod("default", grace_period_seconds=0)

    @property
    def replicas(self) -> int:
        """How many are ordered."""
        return int(self._apps.read_namespaced_deployment(NAME, "default").spec.replicas or 0)

    def end_some(self, number: int) -> None:
        """Let this many tasks end, those that began first."""
        with self._paused:
            for pod in list(self.running)[:number]:
                delivery = self.running.pop(pod)
                self.store.run(calls.Complete((Ended(delivery.id, delivery.fence, Succeeded("1")),)))

    def _live(self) -> None:
        while not self._over.wait(0.05):
            with self._paused:
                self._once()

    def _once(self) -> None:
        pods = {pod.metadata.name: pod for pod in self._core.list_namespaced_pod("default").items}
        there = {name for name, pod in pods.items() if pod.metadata.deletion_timestamp is None}
        for name in self._known - there:
            self.gone.append(name)
            if name in self.running:
                self.interrupted.append(name)
            self.store.run(calls.HandOn(_consumer(name), "its pod is gone", blame=False, max_deaths=3))
            self.running.pop(name, None)
        for name in there - self._known:
            self._make_ready(name)
            self.store.run(calls.Register(_consumer(name), ("default",), 600.0, {}))
        self._known = there
        for name in there - self.running.keys():
            with suppress(WorkerRests):
                for delivery in self.store.run(calls.Claim.of(_consumer(name), ("default",))):
                    self.running[name] = delivery

    def _make_ready(self, name: str) -> None:
        ready = {"type": "Ready", "status": "True"}
        with suppress(ApiException):  # it may be gone again
            self._core.patch_namespaced_pod_status(name, "default", {"status": {"phase": "Running", "conditions": [ready]}})


def _consumer(pod: str) -> str:
    return f"celery@{pod}/abcd/0.1"


class AutoscalerProcess(ServiceProcess):
    """One replica."""

    def __init__(self, plane: ControlPlane, url: str, namespace: str, identity: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = {
            "HEAVYLIFT_STORE_URL": url,
            "HEAVYLIFT_STORE_NAMESPACE": namespace,
            "HEAVYLIFT_AUTOSCALER_POOLS": json.dumps([POOL]),
            "HEAVYLIFT_AUTOSCALER_KUBECONFIG": str(plane.autoscaler),
            "HEAVYLIFT_AUTOSCALER_POD_SELECTOR": f"app={NAME}",
            "HEAVYLIFT_AUTOSCALER_IDENTITY": identity,
            "HEAVYLIFT_AUTOSCALER_HTTP_PORT": str(port),
        }
        super().__init__("heavylift_autoscaler", port, settings)


@pytest.fixture
def server() -> Iterator[EmbeddedRedis]:
    """A Redis of its own."""
    with EmbeddedRedis() as server:
        yield server


@pytest.fixture
def store(server: EmbeddedRedis) -> Iterator[RedisStore]:
    """What the autoscaler reads."""
    with RedisStore.from_url(server.url, namespace="scaling") as store:
        yield store


def _submit(store: RedisStore, number: int = 1) -> None:
    if number:
        store.run(calls.Submit(tuple(Submission(kind="demo.work", payload="{}") for _ in range(number))))


def _leader(store: RedisStore) -> str:
    report = store.run(calls.ReadScaling()).report
    return report.leader if report else ""


def _say(record: str, number: float) -> None:
    """Keep what was measured, seconds or a count, under its name."""
    results = ROOT / ".bench/scaling"
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{record}.json").write_text(json.dumps(round(number, 2)) + "\n")


def test_the_first_task_brings_a_pod_within_two_seconds(plane: ControlPlane, server: EmbeddedRedis, store: RedisStore) -> None:
    pool = Pool(plane, store)
    with pool.deployed(0), AutoscalerProcess(plane, server.url, "scaling", "one"):
        eventually(lambda: _leader(store), within=20, claim="a decision")
        for round_ in range(5):
            eventually(lambda: pool.replicas, holds=(0).__eq__, within=30, claim="no pods")

            submitted_at = time.monotonic()
            _submit(store)
            eventually(lambda: pool.replicas, within=5, claim="a pod")
            took = time.monotonic() - submitted_at

            assert took < 2
            _say(f"scale_from_zero_{round_}", took)
            eventually(lambda: pool.running, within=10, claim="a task in hand")
            pool.end_some(1)
    assert pool.interrupted == []


def test_when_the_leader_is_killed_another_acts_within_five_seconds(
    plane: ControlPlane, server: EmbeddedRedis, store: RedisStore
) -> None:
    pool = Pool(plane, store)
    with pool.deployed(0), ExitStack() as running:
        processes = {
            name: running.enter_context(AutoscalerProcess(plane, server.url, "scaling", name)) for name in ("one", "two")
        }
        leader = eventually(lambda: _leader(store), within=20, claim="a leader")
        time.sleep(2)  # so that both have seen the lease being renewed

        # When it is killed, and a task comes in at that moment
        processes[leader].process.send_signal(signal.SIGKILL)
        killed_at = time.monotonic()
        _submit(store)

        # Then the other has ordered a pod within five seconds
        eventually(lambda: pool.replicas, within=5, claim="a pod")
        _say("hand_over_after_a_kill", time.monotonic() - killed_at)
        assert eventually(lambda: _leader(store), holds=lambda name: name != leader) in processes

        # And one that ends in good order hands over at once
        other = _leader(store)
        with AutoscalerProcess(plane, server.url, "scaling", "three"):
            ended_at = time.monotonic()
            processes[other].process.send_signal(signal.SIGTERM)
            eventually(lambda: _leader(store), holds="three".__eq__, within=5, claim="the third to lead")
            _say("hand_over_in_good_order", time.monotonic() - ended_at)


def test_no_scale_in_of_a_busy_pool_interrupts_a_task(plane: ControlPlane, server: EmbeddedRedis, store: RedisStore) -> None:
    pool = Pool(plane, store)
    with pool.deployed(8), AutoscalerProcess(plane, server.url, "scaling", "one"):
        store.run(calls.Steer("web", Steering(8, "a test", "ada")))
        for _ in range(ROUNDS):
            # Given eight pods that all run a task
            eventually(lambda: pool.replicas, holds=(8).__eq__, within=20, claim="eight pods")
            _submit(store, 8 - len(pool.running))
            eventually(lambda: len(pool.running), holds=(8).__eq__, within=20, claim="eight tasks in hand")

            # When there are to be three, and tasks end one after the other while others come in
            store.run(calls.Steer("web", Steering(3, "a test", "ada")))
            deadline = time.monotonic() + 60
            while pool.replicas > 3 and time.monotonic() < deadline:
                pool.end_some(1)
                _submit(store, 1 if store.run(calls.Statistics()).queues[0].ready < 3 else 0)
                time.sleep(0.3)
            assert pool.replicas == 3

            store.run(calls.Steer("web", Steering(8, "a test", "ada")))

    # Then pods went, and none of them ran anything
    _say("scale_ins_without_interruption", len(pool.gone))
    assert len(pool.gone) >= 5 * ROUNDS
    assert pool.interrupted == []
