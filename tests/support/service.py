"""One of our services in a process of its own, as it is deployed."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from heavylift.local import processes
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]


class ServiceProcess:
    """``python -m <module>`` with nothing of our own environment but what a program needs to run, and ``settings``."""

    prefix: tuple[str, ...] = ()  #: Words in front of the command.

    def __init__(self, module: str, port: int, settings: Mapping[str, str]) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._module = module
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop
        self._process: subprocess.Popen[bytes] | None = None
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environment = {**inherited, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **settings}

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "not started"
        return self._process

    def launch(self) -> None:
        """Start it and return at once."""
        command = [*self.prefix, sys.executable, "-m", self._module]
        self._process = processes.start(command, environment=self._environment, directory=ROOT, output=self._log)

    def start(self) -> Self:
        """Start it, and return when it says that it is ready."""
        self.launch()
        eventually(self.is_ready, within=30, claim=f"the readiness of {self._module}")
        return self

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"{self._module} ended with {self.process.returncode}: {self.log()}"
        return self.probe("/readyz") == 200

    def probe(self, path: str) -> int | None:
        """The status of a GET, None when nobody answers."""
        try:
            return httpx.get(f"{self.base}{path}", timeout=2).status_code
        except httpx.HTTPError:
            return None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.base.rsplit(":", 1)[1])

    @property
    def memory(self) -> int:
        """Bytes that the process has in memory now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def terminate(self, *, within: float = 15.0) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=within)

    def kill(self) -> None:
        """SIGKILL."""
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
