"""dramatiq: processes of threads."""

from collections.abc import Sequence
from pathlib import Path

from bench.systems.system import System


class Dramatiq(System):
    """With its middleware for results."""

    peer = "dramatiq"
    batch = 1

    def worker_command(self, python: Path) -> Sequence[str]:
        return [
            *(str(python.parent / "dramatiq"), "tasks", "--processes", str(self.shape.processes)),
            *("--threads", str(self.shape.slots)),
        ]

    def queued(self) -> int:
        return int(self.client.llen("dramatiq:default"))

    def done(self) -> int:
        return int(self.result_client.dbsize())
