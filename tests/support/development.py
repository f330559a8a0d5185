"""``heavylift dev``, what ``make run`` runs, in a process of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from heavylift.local import processes
from tests.support.eventually import eventually


class DevelopmentProcess:
    """A run in ``directory`` on a free port. What it writes is in ``output()``."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._directory = directory
        self._settings = {"HEAVYLIFT_LOCAL_PORT": str(self.port)} | settings
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        self.process: subprocess.Popen[bytes]

    def launch(self) -> Self:
        """Start it and return at once."""
        command = [str(Path(sys.executable).with_name("heavylift")), "dev"]
        self.process = processes.start(
            command, environment=os.environ | self._settings, directory=self._directory, output=self._output
        )
        return self

    def await_ready(self) -> None:
        """Until it invites to try it."""
        eventually(
            self.output,
            holds=lambda said: "ready at" in said or self.process.poll() is not None,
            within=30,
            claim="the invitation",
        )
        assert self.process.poll() is None, self.output()

    def end(self, number: signal.Signals, *, within: float = 20.0) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=within)

    def output(self) -> str:
        """All that it and its processes have written."""
        return os.pread(self._output.fileno(), 1 << 24, 0).decode()

    def pids(self) -> list[int]:
        """The processes that it has started and that are still there."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def submit(self, kind: str, payload: object, **fields: object) -> str:
        """Submit a task and return its id."""
        answer = httpx.post(f"{self.url}/v1/tasks", json={"kind": kind, "payload": payload} | fields, timeout=5)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def state(self, task_id: str, *, wait: float = 0) -> str:
        """The state of a task, at its end or after ``wait`` seconds."""
        answer = httpx.get(f"{self.url}/v1/tasks/{task_id}", params={"wait": wait}, timeout=wait + 5)
        answer.raise_for_status()
        return str(answer.json()["state"])

    def refused(self) -> tuple[int, str]:
        """Start it where it cannot run; the exit code and what it says."""
        with self._output:
            return self.launch().process.wait(timeout=20), self.output()

    def __enter__(self) -> Self:
        try:
            self.launch().await_ready()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            sys.stderr.write(self.output())
        self._close()

    def _close(self) -> None:
        processes.stop(self.process, grace=20)
        self._output.close()
