"""A web application in front of a system, and requests to it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from bench import process_tree
from bench.environments import python_of
from bench.places import PEERS, ROOT
from bench.systems.system import Stalled, System
from heavylift.local import processes

CONNECTIONS: Final = 32  #: Kept open, each with one request at a time.


@dataclass(frozen=True, slots=True)
class Application:
    """How a web application is run, and what is asked of it. ``{port}`` stands for the port in command and environment."""

    peer: str
    command: Sequence[str]
    variables: Mapping[str, str]
    path: str
    body: str


HEAVYLIFT: Final = Application(
    "heavylift",
    ("-m", "heavylift_api"),
    {
        "HEAVYLIFT_API_PORT": "{port}",
        "HEAVYLIFT_STORE_URL": "{redis}",
        "HEAVYLIFT_AUTH": "off",
        "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "warning",
    },
    "/v1/tasks",
    '{"kind": "bench.noop"}',
)
_UVICORN: Final = ("-m", "uvicorn", "app:app", "--port", "{port}", "--loop", "uvloop", "--http", "httptools", "--no-access-log")
CELERY: Final = Application("fastapi", _UVICORN, {}, "/tasks", '{"number": 7}')
NOTHING: Final = Application("fastapi", _UVICORN, {}, "/nothing", '{"number": 7}')


@dataclass(frozen=True, slots=True)
class Answers:
    """What requests met with: how many were accepted a second, processor time of the application for each, and pauses.

    ``pauses``: the seconds within which 1, 2, … 99 percent of those that were answered were. ``statuses``: how many had which.
    """

    rate: float
    processor: float
    pauses: Sequence[float]
    statuses: Mapping[int, int]

    def pause(self, percent: int) -> float:
        """Milliseconds within which so many percent were answered."""
        return self.pauses[percent - 1] * 1000


class Front:
    """An application in one process on this machine. A context manager.

    ``redis_port``: where it is told that the Redis of the system is, for a line that can be hurt.
    """

    def __init__(self, application: Application, system: System, redis_port: int | None = None) -> None:
        self._application = application
        self._system = system
        self._redis_port = redis_port or system.redis.port
        self._port = processes.free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed at the end

    def ask(self, seconds: float, *, pace: float = 0.0) -> Answers:
        """Ask for so long, as fast as it is answered or at a pace a second. Raises Stalled where anything was refused."""
        found = self.answers(seconds, pace=pace)
        if set(found.statuses) != {202}:
            raise Stalled(f"{self._application.peer} answered {found.statuses}: {self._words()}")
        return found

    def submit(self, within: float) -> int:
        """The status of one submission, 0 where there was none in time."""
        try:
            return self._post(within)
        except httpx.HTTPError:
            return 0

    def answers(self, seconds: float, *, pace: float = 0.0) -> Answers:
        """Ask for so long, whatever is answered."""
        options = {"port": self._port, "path": self._application.path, "body": self._application.body}
        options |= {"seconds": seconds, "pace": pace, "connections": CONNECTIONS}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        used = process_tree.processor_seconds(self._process.pid)
        command = [sys.executable, "-m", "bench.http_load", *arguments]
        told = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        used = process_tree.processor_seconds(self._process.pid) - used
        statuses = {int(status): number for status, number in told["statuses"].items()}
        return Answers(statuses.get(202, 0) / seconds, used * 1e6 / told["asked"], told["pauses"], statuses)

    def __enter__(self) -> Self:
        python = python_of(self._application.peer)
        command = [str(python), *(part.format(port=self._port) for part in self._application.command)]
        values = {"port": self._port, "redis": f"redis://127.0.0.1:{self._redis_port}/0"}
        variables = {name: value.format(**values) for name, value in self._application.variables.items()}
        folder = PEERS / self._application.peer
        self._process = processes.start(
            command,
            environment=_surroundings(folder, python)
            | self._system.address
            | {"BENCH_REDIS_PORT": str(self._redis_port)}
            | variables,
            directory=folder,
            output=self._log,
        )
        self._await_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process_tree.kill(self._process.pid)
        self._process.wait()
        self._log.close()

    def _await_ready(self) -> None:
        deadline = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                if self._post(5.0) == 202:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise Stalled(f"{self._application.peer} takes nothing: {self._words()}")

    def _post(self, within: float) -> int:
        url = f"http://127.0.0.1:{self._port}{self._application.path}"
        headers = {"Content-Type": "application/json"}
        return httpx.post(url, content=self._application.body, headers=headers, timeout=within).status_code

    def _words(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:].strip() or "(no words)"


def _surroundings(folder: Path, python: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    return inherited | {"PATH": f"{python.parent}:{os.environ.get('PATH', '')}", "PYTHONPATH": f"{PEERS}:{folder}"}
