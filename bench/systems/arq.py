"""arq: one process, asyncio."""

from collections.abc import Sequence
from pathlib import Path

from bench.systems.system import System, matching


class Arq(System):
    """A task leaves the sorted set of its queue in the transaction that stores its result."""

    peer = "arq"

    def worker_command(self, python: Path) -> Sequence[str]:
        return [str(python.parent / "arq"), "tasks.WorkerSettings", "--custom-log-dict", "quiet.QUIET"]

    def queued(self) -> int:
        return int(self.client.zcard("arq:queue"))

    def done(self) -> int:
        return self.submitted - self.queued()

    def results(self) -> int:
        return matching(self.client, "arq:result:*")
