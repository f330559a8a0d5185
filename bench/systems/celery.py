"""Celery on Redis: late acknowledgement, results stored, without the three extras that cost and give a benchmark nothing."""

from collections.abc import Sequence
from pathlib import Path

from bench.systems.system import System


class Celery(System):
    """Kinds: ``prefork`` and ``threads``."""

    peer = "celery"

    def worker_command(self, python: Path) -> Sequence[str]:
        concurrency = self.shape.processes if self.shape.kind == "prefork" else self.shape.slots
        return [
            *(str(python), "-m", "celery", "--app", "tasks", "worker", "--loglevel", "WARNING"),
            *("--pool", self.shape.kind, "--concurrency", str(concurrency)),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]

    def queued(self) -> int:
        return int(self.client.llen("celery"))

    def done(self) -> int:
        return int(self.result_client.dbsize())
