"""taskiq on a Redis stream."""

from collections.abc import Sequence
from pathlib import Path

from bench.systems.system import System


class Taskiq(System):
    """Acknowledges when the result is saved, which is its default."""

    peer = "taskiq"
    delays = False

    def worker_command(self, python: Path) -> Sequence[str]:
        return [
            *(str(python.parent / "taskiq"), "worker", "tasks:broker", "--log-level", "WARNING"),
            *("--workers", str(self.shape.processes), "--max-async-tasks", str(self.shape.slots)),
        ]

    def queued(self) -> int:
        return int(self.client.xlen("taskiq"))

    def done(self) -> int:
        return int(self.result_client.dbsize())
