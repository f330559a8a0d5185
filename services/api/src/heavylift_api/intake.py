"""Whether Redis takes anything in, found out by writing something, rarely."""

import asyncio
from typing import Final

from heavylift.errors import HeavyliftError
from heavylift.record import Durability
from heavylift.store.calls import Probe
from heavylift_api.deadline import TimelyStore

AGE: Final = 1.0  #: Seconds for which one answer serves everybody who asks.


class Intake:
    """One probe for all who ask together, or within a second."""

    def __init__(self, store: TimelyStore, durability: Durability) -> None:
        self._store = store
        self._probe = Probe(durability)
        self._asking = asyncio.Lock()
        self._found: HeavyliftError | None = None
        self._until = 0.0

    async def check(self) -> None:
        """Return when a submission would be taken. Raises StoreUnavailable, StoreRefused, which say why not."""
        async with self._asking:
            if _now() >= self._until:
                self._found = await self._ask()
                self._until = _now() + AGE
        if self._found is not None:
            raise self._found.with_traceback(None)

    async def _ask(self) -> HeavyliftError | None:
        try:
            await self._store.run(self._probe)
        except HeavyliftError as error:
            return error
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
