"""One redis-server or sentinel with a configuration of its own, started and ended by its process id."""

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from heavylift.local import processes
from heavylift.local.redis_server import find_redis_server
from tests.support.eventually import eventually


@dataclass
class Node:
    """One process of a redis-server or a sentinel, with a folder of its own that holds its configuration."""

    port: int
    folder: Path
    lines: list[str]
    arguments: tuple[str, ...] = ()
    password: str | None = None
    server: str = field(default_factory=find_redis_server)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it. What it wrote into its configuration in an earlier life still holds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "own.conf"
        if not config.exists():
            config.write_text("\n".join([f"port {self.port}", "bind 127.0.0.1", f"dir {self.folder}", *self.lines, ""]))
        with (self.folder / "log").open("ab") as log:
            self.process = processes.start([self.server, str(config), *self.arguments], output=log)
        eventually(self._answers, within=20, claim=f"an answer on port {self.port}")

    def _answers(self) -> bool:
        try:
            return self.says("PING") is not None
        except redis.ResponseError:  # which is an answer
            return True

    def says(self, *command: str) -> Any:
        """Its answer, None when it gives none."""
        try:
            with self.client() as client:
                return client.execute_command(*command)
        except (redis.ConnectionError, redis.TimeoutError):
            return None

    def client(self, *, timeout: float = 1.0) -> "redis.Redis":
        """A client of this one process."""
        retry = Retry(NoBackoff(), 0)
        return redis.Redis(port=self.port, password=self.password, decode_responses=True, socket_timeout=timeout, retry=retry)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None, "not started"
        os.kill(self.process.pid, number)

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it and return when it is gone; one that hangs is woken first."""
        if self.process is not None and self.process.poll() is None:
            self.send(how)
            self.send(signal.SIGCONT)
            self.process.wait(timeout=30)
        self.process = None
