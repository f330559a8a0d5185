"""The Redis under test: one server, or three that sentinels watch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import redis

from heavylift.local.redis_server import EmbeddedRedis
from tests.support.watched_redis import WatchedRedis


class DurableRedis(EmbeddedRedis):
    """Writes each change to disk before it answers, so that a kill takes nothing back, and keeps all of it for the ledger."""

    @property
    def primary_url(self) -> str:
        """Where the server itself is spoken to."""
        return self.url

    def folders(self) -> tuple[Path, Sequence[Path]]:
        """Where what survived is written down, and what other servers wrote."""
        assert self.directory is not None, "without a folder there is no ledger"
        return self.directory, ()

    def start(self, *, within: float = 30.0) -> Self:
        """As of any."""
        super().start(within=within)
        with redis.Redis.from_url(self.url) as client:
            client.config_set("auto-aof-rewrite-percentage", 0)
            client.config_set("appendfsync", "always")
        return self


class WatchedServers(WatchedRedis):
    """Each keeps a file; the primary takes writes only while a replica follows it. A server that comes back begins empty.

    Two seconds of silence are a death: with less, sentinels take a busy machine for a dead server.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, down_after=2.0, durable=True, replicas_to_write=1)

    @property
    def primary_url(self) -> str:
        """Where the primary itself is spoken to."""
        return f"redis://127.0.0.1:{self.primary().port}/0"

    def folders(self) -> tuple[Path, Sequence[Path]]:
        """Where the last primary wrote, and where every other server did in each of its lives."""
        surviving = self.primary().folder
        return surviving, [folder for folder in self.lives if folder != surviving]
