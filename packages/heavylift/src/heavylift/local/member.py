"""One process of the stack: started, awaited, watched, stopped."""

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from heavylift.errors import HeavyliftError
from heavylift.local import processes
from heavylift.local.merged_logs import MergedLogs

_BETWEEN_PROBES: Final = 0.03  #: Seconds. A probe costs well under a millisecond.


class MemberFailed(HeavyliftError):
    """A process of the stack did not come up, or ended when nobody had asked it to."""


class Member:
    """``python -m module`` with an environment of its own, which answers ``/readyz`` on ``port`` of loopback when it is ready.

    ``grace`` is in seconds; ``pause`` waits between two questions and may raise to break off.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *,
        port: int,
        environment: Mapping[str, str],
        grace: float,
        logs: MergedLogs,
        host: str = "127.0.0.1",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.host = host
        self.port = port
        self._module = module
        self._environment = environment
        self._grace = grace
        self._logs = logs
        self._pause = pause
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id. Raises MemberFailed when it was not started."""
        return self._started().pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._started().poll()

    def launch(self) -> None:
        """Start it and return at once."""
        command = [sys.executable, "-m", self._module]
        self._process = processes.start(command, environment=self._environment, output=subprocess.PIPE)
        assert self._process.stdout is not None  # noqa: S101  asked for in the line above
        self._logs.follow(self.name, self._process.stdout)

    def await_ready(self, *, within: float = 60.0) -> None:
        """Return when it is ready. Raises MemberFailed with its last words when it dies or takes longer than ``within``."""
        deadline = time.monotonic() + within
        while (answer := self._ask()) != HTTPStatus.OK:
            self.check()
            if time.monotonic() >= deadline:
                raise MemberFailed(f"{self.name} is not ready after {within:.0f} s: {self.url}/readyz answers {answer}")
            self._pause(_BETWEEN_PROBES)

    def start(self, *, within: float = 60.0) -> None:
        """Start it and return when it is ready."""
        self.launch()
        self.await_ready(within=within)

    def check(self) -> None:
        """Raise MemberFailed, with its last words, when it has ended."""
        if self.exit_code is not None:
            said = self._logs.last_words(self.name)
            raise MemberFailed(f"{self.name} ended {_manner(self.exit_code)}. Its last words:\n{said}")

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when its grace is over. Nothing happens to one that does not run."""
        if self._process is not None:
            processes.stop(self._process, grace=self._grace)

    def kill(self) -> None:
        """End it at once, as the loss of a machine would."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """End it in order and start it again."""
        self.stop()
        self.start()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise MemberFailed(f"{self.name} was not started")
        return self._process

    def _ask(self) -> int | None:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def _manner(exit_code: int) -> str:
    return f"by {signal.Signals(-exit_code).name}" if exit_code < 0 else f"with exit code {exit_code}"
