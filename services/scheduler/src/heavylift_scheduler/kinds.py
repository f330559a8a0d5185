"""What the workers say of kinds by now: where their tasks are to go."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from heavylift.catalogue import Kind
from heavylift.store.calls import ReadCatalogue
from heavylift.store.redis import RedisStore

AGE: Final = 10.0  #: Seconds for which a copy of the catalogue is good.


class Kinds:
    """A copy of the catalogue, read when somebody asks and it is old."""

    def __init__(self, store: RedisStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known: Mapping[str, Kind] = {}
        self._read_at = float("-inf")

    def find(self, name: str) -> Kind | None:
        """The kind of this name, None where no worker has published one. Raises StoreUnavailable, StoreRefused."""
        if self._clock() - self._read_at > AGE:
            self._known = self._read()
            self._read_at = self._clock()
        return self._known.get(name)

    def _read(self) -> Mapping[str, Kind]:
        try:
            return self._store.run(ReadCatalogue())
        except (AttributeError, KeyError, TypeError, ValueError):  # by a worker of a version to come; what was known counts on
            return self._known
