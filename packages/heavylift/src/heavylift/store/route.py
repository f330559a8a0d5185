"""The way to the primary, which all connections of a client share."""

import threading
import time
from contextlib import suppress
from typing import Final

from redis.exceptions import ConnectionError as RedisConnectionError

from heavylift.store.sentinels import Host, NoSentinel, PrimaryDown, Sentinels

#: Seconds after which the sentinels are asked again: the old primary may not know for ten that it is one no more.
AGE: Final = 2.0


class Route:
    """It is the same until somebody doubts it or the sentinels name another primary.

    ``turn`` counts up with each of these: a connection that was made in an earlier turn is made anew when it is next used.
    ``connections`` counts all that were ever made.
    """

    def __init__(self, sentinels: Sentinels | None = None) -> None:
        self._sentinels = sentinels
        self._primary: Host | None = None
        self._suspected = False
        self._asked = 0.0
        self._looking_aside = False
        self._over = False
        self.turn = 0
        self.connections = 0

    @property
    def is_watched(self) -> bool:
        """Whether sentinels know where it leads."""
        return self._sentinels is not None

    @property
    def is_stale(self) -> bool:
        """Whether the sentinels are to be asked before any connection is used, a standing one too."""
        return self.is_watched and (self._suspected or self._age > AGE)

    @property
    def _age(self) -> float:
        """Seconds since the sentinels were asked."""
        return time.monotonic() - self._asked

    def doubt(self) -> None:
        """Where the connections lead is not the primary, or not any more."""
        self.turn += 1

    def suspect(self) -> None:
        """A connection broke or fell silent. Another may stand and lead to who was the primary before a failover."""
        self._suspected = True

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
        try:
            return self._take(self._sentinels.find())
        except NoSentinel as error:
            return self._stay(error)

    async def find_async(self) -> Host:
        """Ask the sentinels, for asyncio code. Raises redis-py's ConnectionError."""
        assert self._sentinels is not None  # noqa: S101
        try:
            return self._take(await self._sentinels.find_async())
        except NoSentinel as error:
            return self._stay(error)

    def look(self) -> None:
        """See to it that the connections that stand still lead to the primary, for blocking code.

        Who does so often goes on meanwhile: where the names of the sentinels cannot be resolved, asking takes many seconds.
        """
        if self._suspected or (self._age > 2 * AGE and not self._looking_aside):
            self._look()
        elif not self._looking_aside:
            self._looking_aside = True
            self._begin_to_ask()
            threading.Thread(target=self._look_aside, name="heavylift-route", daemon=True).start()

    def _look(self) -> None:
        self._begin_to_ask()
        try:
            self.find()
        except PrimaryDown:
            if self._suspected:  # else a connection that was not silent says that they are wrong
                raise

    def _look_aside(self) -> None:
        assert self._sentinels is not None  # noqa: S101
        try:
            with suppress(RedisConnectionError):
                self._lead_to(self._sentinels.find())
        finally:
            self._looking_aside = False

    async def look_async(self) -> None:
        """The same for asyncio code, which is never held up for longer than the sentinels have to answer."""
        self._begin_to_ask()
        try:
            await self.find_async()
        except PrimaryDown:
            if self._suspected:
                raise

    def _begin_to_ask(self) -> None:
        """So that one asks for all, and the others go on with what stands."""
        self._asked = time.monotonic()

    def _stay(self, error: NoSentinel) -> Host:
        """With the last that they named: a connection asks it whether it still is the primary."""
        if self._primary is None:
            raise error
        return self._take(self._primary)

    def _take(self, primary: Host) -> Host:
        self._asked, self._suspected = time.monotonic(), False
        self._lead_to(primary)
        return primary

    def _lead_to(self, primary: Host) -> None:
        if primary != self._primary:
            self._primary = primary
            self.turn += 1
