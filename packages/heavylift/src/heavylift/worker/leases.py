"""Keeps the leases of the children: one call for all of them, whatever they have in hand."""

import logging
from collections.abc import Callable, Iterable

from heavylift.store.calls import Renew
from heavylift.store.redis import RedisStore

logger = logging.getLogger(__name__)


class LeaseKeeper:
    """Renews every third of a lease, so that two renewals may fail before a lease ends."""

    def __init__(self, store: RedisStore, consumers: Callable[[], Iterable[str]], *, lease: float) -> None:
        self._store = store
        self._consumers = consumers
        self._lease = lease

    def renew(self) -> float:
        """Renew once. Returns the seconds until it is due again."""
        consumers = tuple(self._consumers())
        if consumers:
            for lost in self._store.run(Renew(consumers, self._lease)).lost:
                # Its tasks have been handed on and their fences raised; the child registers anew when it next asks.
                logger.warning("the lease of %s had ended before it was renewed", lost)
        return self._lease / 3
