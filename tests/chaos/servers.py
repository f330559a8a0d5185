"""The Redis under test."""

from typing import Self

import redis

from heavylift.local.redis_server import EmbeddedRedis


class DurableRedis(EmbeddedRedis):
    """Writes each change to disk before it answers, so that a kill takes nothing back, and keeps all of it for the ledger."""

    def start(self, *, within: float = 30.0) -> Self:
        """As of any."""
        super().start(within=within)
        with redis.Redis.from_url(self.url) as client:
            client.config_set("auto-aof-rewrite-percentage", 0)
            client.config_set("appendfsync", "always")
        return self
