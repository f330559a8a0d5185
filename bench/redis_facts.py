"""What Redis says about its own work."""

from dataclasses import dataclass
from typing import Any, Self

import redis


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """Counts since the start of the server.

    ``commands`` includes those that scripts run inside; ``scripts`` are calls of scripts and functions; ``reads`` are reads from
    sockets, which is how often clients came with something; ``processor`` is in seconds, ``memory`` in bytes.
    """

    commands: float
    scripts: float
    reads: float
    processor: float
    memory: float

    @classmethod
    def read(cls, client: "redis.Redis") -> Self:
        """Ask the server."""
        info: dict[str, Any] = client.info("everything")
        calls = {name.removeprefix("cmdstat_"): stats["calls"] for name, stats in info.items() if name.startswith("cmdstat_")}
        return cls(
            commands=sum(calls.values()),
            scripts=sum(number for name, number in calls.items() if name.startswith(("eval", "fcall"))),
            reads=info["total_reads_processed"],
            processor=info["used_cpu_user"] + info["used_cpu_sys"],
            memory=info["used_memory"],
        )
