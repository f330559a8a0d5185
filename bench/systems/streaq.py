"""streaq: processes of asyncio."""

from collections.abc import Sequence
from pathlib import Path

from bench.systems.system import System, matching


class Streaq(System):
    """Results are listed in an index."""

    peer = "streaq"

    def worker_command(self, python: Path) -> Sequence[str]:
        return [str(python.parent / "streaq"), "run", "tasks:worker", "--workers", str(self.shape.processes)]

    def queued(self) -> int:
        return int(self.client.xlen("streaq:default:queues:normal"))

    def done(self) -> int:
        return int(self.client.zcard("streaq:default:index:results"))

    def results(self) -> int:
        return matching(self.client, "streaq:default:task:results:*")
