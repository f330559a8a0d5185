"""Whether the object store answers: told by the readiness of the process, which does not hang on it."""

import asyncio
from typing import Final

from heavylift.errors import ObjectsUnavailable
from heavylift.objects import Storage

AGE: Final = 10.0  #: Seconds for which one answer serves everybody who asks.
PATIENCE: Final = 1.0  #: Seconds that the object store has for it; a probe of the kubelet has three for everything.


class ObjectHealth:
    """One question for all who ask together, or within ten seconds."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._asking = asyncio.Lock()
        self._found = ""
        self._until = 0.0

    async def look(self) -> str:
        """What is so, in a few words."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if now >= self._until:
                self._found = await self._ask()
                self._until = now + AGE
        return self._found

    async def _ask(self) -> str:
        try:
            await self._storage.probe(PATIENCE)
        except ObjectsUnavailable as error:
            return f"large payloads are refused: {error}"
        return "answers"
