"""A real worker in a process of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from tests.support.eventually import eventually

from heavylift.local import processes

ROOT = Path(__file__).resolve().parents[2]


class WorkerProcess:
    """``python -m heavylift_worker`` against a Redis, with the sample tasks."""

    def __init__(self, url: str, namespace: str, **settings: str) -> None:
        self.http_port = processes.free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "default",
            "HEAVYLIFT_STORE_URL": url,
            "HEAVYLIFT_STORE_NAMESPACE": namespace,
            "HEAVYLIFT_WORKER_TASKS": "tests.support.sample_tasks",
            "HEAVYLIFT_WORKER_LEASE": "2",
            "HEAVYLIFT_WORKER_GRACE": "10",
            "HEAVYLIFT_WORKER_HTTP_PORT": str(self.http_port),
            **settings,
        }

    def start(self, *, ready: bool = True) -> Self:
        """Start it, and with ``ready`` return when it takes tasks."""
        self._process = processes.start(
            [sys.executable, "-m", "heavylift_worker"], environment=self._environment, directory=ROOT, output=self._log
        )
        if ready:
            eventually(self.is_ready, within=30, claim=f"the worker's readiness; its log: {self.log()}")
        return self

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"the worker ended with {self.process.returncode}: {self.log()}"
        return self.probe("/readyz") == 200

    def probe(self, path: str) -> int | None:
        """The status of a probe, None when nobody answers."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.http_port}{path}", timeout=2).status_code
        except httpx.HTTPError:
            return None

    def metrics(self) -> str:
        return httpx.get(f"http://127.0.0.1:{self.http_port}/metrics", timeout=2).text

    def children(self) -> list[int]:
        """Process ids of the children: the grandchildren of the guardian, by way of the nursery."""
        return [child for nursery in _children_of(self.process.pid) for child in _children_of(nursery)]

    def terminate(self, *, within: float = 15.0) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=within)

    def kill(self) -> None:
        """SIGKILL to the guardian."""
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            processes.stop(self._process, grace=15)
        self._log.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            sys.stderr.write(self.log())
        self.stop()


def _children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
