"""Heavylift as it is deployed: ``python -m heavylift_worker``, its settings in the environment."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.systems.system import Shape, System
from heavylift.store.calls import Statistics
from heavylift.store.redis import RedisStore

#: The settings that make a worker of one kind of child.
KINDS: Final[dict[str, Callable[[Shape], dict[str, str]]]] = {
    "process": lambda shape: {"CONCURRENCY": str(shape.processes), "THREAD_CHILDREN": "0", "ASYNCIO_CHILDREN": "0"},
    "threads": lambda shape: {
        "CONCURRENCY": "0",
        "THREAD_CHILDREN": str(shape.processes),
        "THREADS": str(shape.slots),
        "ASYNCIO_CHILDREN": "0",
    },
    "asyncio": lambda shape: {
        "CONCURRENCY": "0",
        "THREAD_CHILDREN": "0",
        "ASYNCIO_CHILDREN": str(shape.processes),
        "COROUTINES": str(shape.slots),
    },
}

_COUNTERS: Final = "heavylift:{p0}:counters:default"


class Heavylift(System):
    """Record, fence and result stored, as always."""

    peer = "heavylift"

    def worker_command(self, python: Path) -> Sequence[str]:
        return [str(python), "-m", "heavylift_worker"]

    def worker_variables(self) -> Mapping[str, str]:
        return {
            "HEAVYLIFT_STORE_URL": self.redis.url,
            "HEAVYLIFT_WORKER_TASKS": "tasks",
            "HEAVYLIFT_WORKER_HTTP_PORT": "0",
            "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "warning",
            **{f"HEAVYLIFT_WORKER_{name}": value for name, value in KINDS[self.shape.kind](self.shape).items()},
        }

    def queued(self) -> int:
        with RedisStore.from_url(self.redis.url) as store:
            return sum(queue.ready for queue in store.run(Statistics()).queues)

    def done(self) -> int:
        return int(self.client.hget(_COUNTERS, "succeeded") or 0)

    def results(self) -> int:
        return sum(
            1
            for key in self.client.scan_iter(match="heavylift:{p0}:task:*", count=1000)
            if self.client.hget(key, "state") == "succeeded" and self.client.hexists(key, "result")
        )


class HeavyliftInSmallClaims(Heavylift):
    """Redis is free for others sooner."""

    def worker_variables(self) -> Mapping[str, str]:
        return {**super().worker_variables(), "HEAVYLIFT_WORKER_CLAIM_SIZE": "16"}
