"""rq: a pool of workers that run tasks in themselves; its usual worker forks for each task and is several times slower."""

from collections.abc import Sequence
from pathlib import Path

from bench.systems.system import System, matching


class Rq(System):
    """Finished tasks are listed in a registry."""

    peer = "rq"

    def worker_command(self, python: Path) -> Sequence[str]:
        return [
            *(str(python.parent / "rq"), "worker-pool", "default", "--url", self.redis.url),
            *("--num-workers", str(self.shape.processes), "--worker-class", "rq.SimpleWorker", "--logging-level", "WARNING"),
        ]

    def queued(self) -> int:
        return int(self.client.llen("rq:queue:default"))

    def done(self) -> int:
        return int(self.client.zcard("rq:finished:default"))

    def results(self) -> int:
        return matching(self.client, "rq:results:*")
