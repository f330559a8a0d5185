"""The way to the primary, which all connections of a client share."""

from redis.exceptions import ConnectionError as RedisConnectionError

from heavylift.store.sentinels import Host, Sentinels


class Route:
    """It is the same until somebody doubts it or the sentinels name another primary.

    ``turn`` counts up with each of these: a connection that was made in an earlier turn is made anew when it is next used.
    ``connections`` counts all that were ever made.
    """

    def __init__(self, sentinels: Sentinels | None = None) -> None:
        self._sentinels = sentinels
        self._primary: Host | None = None
        self._suspected = False
        self._over = False
        self.turn = 0
        self.connections = 0

    @property
    def is_watched(self) -> bool:
        """Whether sentinels know where it leads."""
        return self._sentinels is not None

    @property
    def is_suspected(self) -> bool:
        """Whether the sentinels are to be asked before any connection is used, a standing one too."""
        return self._suspected

    def doubt(self) -> None:
        """Where the connections lead is not the primary, or not any more."""
        self.turn += 1

    def suspect(self) -> None:
        """A connection broke or fell silent. Another may stand and lead to who was the primary before a failover."""
        self._suspected = self.is_watched

    def end(self) -> None:
        """Nobody is to go it any more: whoever connects from now on fails at once."""
        self._over = True
        self.turn += 1

    def check(self) -> None:
        """Raise redis-py's ConnectionError when it has ended."""
        if self._over:
            raise RedisConnectionError("the connections have been given up")

    def find(self) -> Host:
        """Ask the sentinels, for blocking code. Raises redis-py's ConnectionError."""
        assert self._sentinels is not None  # noqa: S101  asked only where sentinels watch
        return self._take(self._sentinels.find())

    async def find_async(self) -> Host:
        """Ask the sentinels, for asyncio code. Raises redis-py's ConnectionError."""
        assert self._sentinels is not None  # noqa: S101
        return self._take(await self._sentinels.find_async())

    def _take(self, primary: Host) -> Host:
        self._suspected = False
        if primary != self._primary:
            self._primary = primary
            self.turn += 1
        return primary
