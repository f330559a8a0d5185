"""The chart's Redis in processes on loopback: rendered scripts and variables, real servers and sentinels; an address a pod.

What Kubernetes does is done here: both containers of a pod are started, one that ends is started again, and a pod that is deleted
runs its preStop hook while its sentinel is told to end, as kubelets do.
"""

import base64
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from heavylift.local import processes
from heavylift.local.redis_server import find_redis_server
from tests.support.chart import RELEASE, environment, render
from tests.support.eventually import eventually

SERVICE: Final = "heavylift"
NAME: Final = f"{RELEASE}-heavylift-redis"
ONCE: Final = Retry(NoBackoff(), 0)
USERS: Final = ("api", "worker", "replica", "sentinel", "operator", "haproxy", "autoscaler", "scheduler")

#: Little patience, where one tries again after twice the time of a failover; no second of waiting for more replicas to be filled.
_QUICK: Final[dict[str, Any]] = {
    "downAfter": 3,
    "failoverTimeout": 8,
    "waitForPrimary": 15,
    "config": {"repl-diskless-sync-delay": 0},
}


class RedisPods:
    """Pods 0, 1, 2 … of the StatefulSet. ``values`` are the chart's; each user's password is full of what needs quoting."""

    def __init__(self, folder: Path, values: Mapping[str, Any] | None = None) -> None:
        chosen = _QUICK | {"replicas": 3, "auth": {"existingSecret": "passwords"}} | dict(values or {})
        rendered = render({"redis": chosen})
        self.tls = bool(chosen.get("tls", {}).get("enabled"))
        self.rendered = rendered
        self.scripts = folder / "scripts"
        self._write_scripts(rendered.one("ConfigMap", f"{NAME}-scripts")["data"])
        self._write_passwords(folder / "passwords")
        self.certificates = folder / "tls"
        if self.tls:
            self._write_certificates(rendered.one("Secret", f"{NAME}-tls")["data"])
        self._spec = rendered.one("StatefulSet", NAME)["spec"]["template"]["spec"]
        self.folder = folder
        self.network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
        self.addresses = [f"{self.network}.{number + 1}" for number in range(chosen["replicas"])]
        self.pods = [RedisPod(self, folder, ordinal) for ordinal in range(chosen["replicas"])]

    def _write_scripts(self, data: Mapping[str, str]) -> None:
        self.scripts.mkdir(parents=True)
        for name, text in data.items():
            (self.scripts / name).write_text(text)

    def _write_passwords(self, folder: Path) -> None:
        folder.mkdir()
        self.passwords = folder
        for user in USERS:
            self.give(user, f'{user} "$1" \\ #é')

    def move(self) -> None:
        """Give each pod the address that was its neighbour's, as Services may have that are made anew. None may run."""
        self.addresses = [*self.addresses[1:], self.addresses[0]]
        for pod, address in zip(self.pods, self.addresses, strict=True):
            pod.address = address

    def _write_certificates(self, data: Mapping[str, str]) -> None:
        self.certificates.mkdir()
        for name, content in data.items():
            (self.certificates / name).write_bytes(base64.b64decode(content))

    def give(self, key: str, password: str | None) -> None:
        """Write what the Secret has under this key; None takes it out."""
        (self.passwords / key).unlink() if password is None else (self.passwords / key).write_text(password)

    def password(self, user: str) -> str:
        """Theirs, with what shells and configuration files would take for their own."""
        return (self.passwords / user).read_text()

    def settings_of(self, user: str) -> dict[str, str]:
        """What the chart tells the API or a worker of the store, with addresses and paths as they are here."""
        pods = self.rendered.pods()
        pod = next(pod for name, pod in pods.items() if name.startswith(f"Deployment/{RELEASE}-heavylift-{user}"))
        variables = environment(pod)
        url = variables["HEAVYLIFT_STORE_URL"] or ""
        for number, address in enumerate(self.addresses):
            url = url.replace(f"{NAME}-{number}:", f"{address}:")
        url = url.replace(f"{NAME}-haproxy:", f"{self.network}.101:")
        here = {
            "HEAVYLIFT_STORE_URL": url.replace("/etc/heavylift/redis-tls", str(self.certificates)),
            "HEAVYLIFT_STORE_PASSWORD_FILE": str(self.passwords / user),
            "HEAVYLIFT_STORE_SENTINEL_USERNAME": user,
            "HEAVYLIFT_STORE_SENTINEL_PASSWORD": self.password(user),
        }
        return {name: value for name, value in here.items() if name in variables}

    def tls_options(self) -> dict[str, Any]:
        """What a client needs to trust the servers."""
        return {"ssl": True, "ssl_ca_certs": str(self.certificates / "ca.crt"), "ssl_check_hostname": False} if self.tls else {}

    def client_at(self, address: str, port: int, user: str, patience: float) -> "redis.Redis":
        """A client of this user that tries once; ``patience`` in seconds bounds each answer."""
        options = {"decode_responses": True, "socket_timeout": patience, "retry": ONCE, **self.tls_options()}
        return redis.Redis(address, port, username=user, password=self.password(user), **options)

    def containers(self) -> list[str]:
        """Their names, the sentinel first, where there is one: it takes a moment less to be there."""
        return sorted((str(known["name"]) for known in self._spec["containers"]), reverse=True)

    def command(self, container: str) -> list[str]:
        """What a container runs, with the scripts where they are here."""
        found: list[str] = next(known["command"] for known in self._spec["containers"] if known["name"] == container)
        return [word.replace("/scripts", str(self.scripts)) for word in found]

    def hook(self) -> list[str]:
        """The preStop hook of the server."""
        server = self._spec["containers"][0]
        return [word.replace("/scripts", str(self.scripts)) for word in server["lifecycle"]["preStop"]["exec"]["command"]]

    def variables(self) -> dict[str, str]:
        """The variables of the containers that are the same in all pods."""
        return {name: value for name, value in environment(self._spec).items() if value is not None}

    def places(self) -> dict[str, Path]:
        """Where volumes that are the same in all pods are here."""
        return {"SCRIPTS": self.scripts, "PASSWORDS": self.passwords, "CERTIFICATES": self.certificates}

    def service_links(self) -> dict[str, str]:
        """What Kubernetes tells pods of the Services of the servers."""
        prefix = NAME.upper().replace("-", "_")
        return {f"{prefix}_{number}_SERVICE_HOST": address for number, address in enumerate(self.addresses)}

    def start(self) -> Self:
        """Start all pods, as the StatefulSet does at once."""
        for pod in self.pods:
            pod.start()
        return self

    def heal(self) -> None:
        """Start the pods that do not run."""
        for pod in self.pods:
            if not pod.processes:
                pod.start()

    def primary(self) -> "RedisPod | None":
        """The pod that a majority of the sentinels names, if its server says that it is the primary."""
        named = [pod.named_by_sentinel() for pod in self.pods]
        for pod in self.pods:
            if named.count(pod.address) > len(self.pods) // 2 and pod.role() == "master":
                return pod
        return None

    def settled(self, *, within: float = 30.0) -> "RedisPod":
        """Wait until there is a primary and every other server follows it, as all sentinels see, and return it."""
        self.ready(within=within)
        eventually(lambda: all(pod.sentinel_answers() for pod in self.pods), within=within, claim="answers of all sentinels")
        with self._looking_often():
            eventually(
                lambda: [pod.acquaintances() for pod in self.pods], holds=self._all_met, within=within, claim="that all met"
            )
            return self.replaced(None, within=within)

    @contextmanager
    def _looking_often(self) -> Iterator[None]:
        """While nothing but the view of the sentinels is awaited, they look and speak ten times as often as they do."""
        try:
            self._look_every(info=1000, publish=200)
            yield
        finally:
            self._look_every(info=10_000, publish=2000)

    @contextmanager
    def nobody_corrected(self) -> Iterator[None]:
        """Sentinels correct a server that is not what it should be after eight seconds; while it lasts, after minutes."""
        try:
            self._look_every(info=10_000, publish=60_000)
            yield
        finally:
            self._look_every(info=10_000, publish=2000)

    def _look_every(self, *, info: int, publish: int) -> None:
        for pod in self.pods:
            with pod.sentinel() as client, suppress(redis.ResponseError):  # Redis 6.2 cannot be told
                client.execute_command("SENTINEL", "DEBUG", "info-period", info, "publish-period", publish)

    def ready(self, *, within: float = 30.0) -> None:
        """Wait until the readiness probes of all succeed."""
        eventually(lambda: [pod.readiness() for pod in self.pods], holds=_all_empty, within=within, claim="the readiness of all")

    def _all_met(self, acquaintances: list[tuple[int, int]]) -> bool:
        return set(acquaintances) == {(len(self.pods) - 1, len(self.pods) - 1)}

    def replaced(self, old: "RedisPod | None", *, within: float = 30.0) -> "RedisPod":
        """Wait for a primary other than ``old`` and return it."""
        found = eventually(self.primary, holds=lambda pod: pod not in (None, old), within=within, claim="another primary")
        assert found is not None
        return found

    def stop(self) -> None:
        for pod in self.pods:
            pod.kill()

    @contextmanager
    def ended(self) -> Iterator[Self]:
        """See to it that they end, with all that they said if something failed."""
        try:
            yield self
        except BaseException:
            sys.stderr.write("".join(pod.log() for pod in self.pods))
            raise
        finally:
            self.stop()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run them all, and end them."""
        with self.ended():
            yield self.start()


class RedisPod:
    """One pod: a server and a sentinel, which share a folder of data."""

    def __init__(self, pods: RedisPods, folder: Path, ordinal: int) -> None:
        self._pods = pods
        self.ordinal = ordinal
        self.address = pods.addresses[ordinal]
        self.data = folder / f"data-{ordinal}"
        self._run = folder / f"run-{ordinal}"
        self._log = folder / f"log-{ordinal}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start both containers; memory is empty, the volume as it was left."""
        for file in self._run.glob("*"):
            file.unlink()
        for container in self._pods.containers():
            self.start_container(container)

    def start_container(self, container: str) -> None:
        """Start one of them, as a kubelet does when it has ended."""
        with self._log.open("ab") as log:
            command = self._pods.command(container)
            self.processes[container] = processes.start(command, environment=self._environment(), output=log)

    def _environment(self) -> dict[str, str]:
        places = {"DATA": self.data, "RUN": self._run, **self._pods.places()}
        programs = Path(find_redis_server()).parent
        return {
            **self._pods.variables(),
            **{name: str(path) for name, path in places.items()},
            "POD_NAME": f"{NAME}-{self.ordinal}",
            **self._pods.service_links(),
            "BIND": self.address,
            "LOCAL": self.address,
            "PATH": f"{programs}:{os.environ['PATH']}",
        }

    def kill(self, *containers: str) -> None:
        """SIGKILL to both containers, or to those named."""
        for container in containers or tuple(self.processes):
            process = self.processes.pop(container)
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def delete(self) -> None:
        """End the pod in order: the hook of the server runs while the sentinel is told to end, then the server is."""
        hook = self.begin_to_hand_over()
        assert processes.stop(self.processes.pop("sentinel"), grace=20)
        assert hook.wait(timeout=50) == 0
        assert processes.stop(self.processes.pop("redis"), grace=20)

    def begin_to_hand_over(self) -> "subprocess.Popen[bytes]":
        """Start the hook that runs before the server is told to end."""
        return processes.start(self._pods.hook(), environment=self._environment())

    def lose_volume(self) -> None:
        """Empty the volume of a pod that does not run."""
        for path in sorted(self.data.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()

    @contextmanager
    def hung(self) -> Iterator[None]:
        """While it lasts, the server neither answers nor ends."""
        self.processes["redis"].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.processes["redis"].send_signal(signal.SIGCONT)

    def client(self, user: str = "operator", *, patience: float = 1.0) -> "redis.Redis":
        """A client of the server; ``patience`` in seconds bounds each answer."""
        return self._pods.client_at(self.address, 6379, user, patience)

    def sentinel(self, user: str = "operator") -> "redis.Redis":
        """A client of the sentinel."""
        return self._pods.client_at(self.address, 26379, user, 1.0)

    def role(self) -> str | None:
        """``master`` or ``slave``; None when nobody answers."""
        with self.client() as client:
            try:
                return str(client.execute_command("ROLE")[0])
            except redis.RedisError:
                return None

    def named_by_sentinel(self) -> str | None:
        """Whom the sentinel names."""
        with self.sentinel() as client:
            try:
                found = client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", SERVICE)
            except redis.RedisError:
                return None
            return str(found[0]) if found else None

    def sentinel_answers(self) -> bool:
        with self.sentinel() as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def holds_primary_for_dead(self) -> bool:
        """Whether its sentinel has agreed with another on that."""
        with self.sentinel() as client:
            return bool(client.sentinel_master(SERVICE)["is_odown"])

    def acquaintances(self) -> tuple[int, int]:
        """How many replicas that follow, and how many other sentinels, its sentinel sees."""
        with self.sentinel() as client:
            following = [known for known in client.sentinel_slaves(SERVICE) if known["master-link-status"] == "ok"]
            return len(following), client.sentinel_master(SERVICE)["num-other-sentinels"]

    def readiness(self) -> str:
        """What the readiness probe says; nothing when the server is ready."""
        return self.run_script("ready.sh").stdout.strip()

    def run_script(self, name: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run one of the chart's scripts in this pod."""
        command = ["sh", str(self._pods.scripts / name), *arguments]
        environment = self._environment() | variables
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    def log(self) -> str:
        """What its containers said."""
        return f"--- pod {self.ordinal}, {self.address}\n{self._log.read_text(errors='replace')}" if self._log.exists() else ""


def _all_empty(texts: list[str]) -> bool:
    return not any(texts)
