"""saq: one process, asyncio."""

from collections.abc import Sequence
from pathlib import Path

from bench.systems.system import System


class Saq(System):
    """A task leaves the set of the incomplete in the transaction that stores its result."""

    peer = "saq"

    def worker_command(self, python: Path) -> Sequence[str]:
        return [str(python.parent / "saq"), "tasks.settings", "--quiet"]

    def queued(self) -> int:
        return int(self.client.llen("saq:default:queued"))

    def done(self) -> int:
        return self.submitted - int(self.client.zcard("saq:default:incomplete"))

    def results(self) -> int:
        return sum(
            1
            for key in self.client.scan_iter(match="saq:job:default:*", count=1000)
            if '"status": "complete"' in (self.client.get(key) or "")
        )
