"""What a process knows of the keys: a copy of all of them, so that no request has to ask Redis who is calling."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from heavylift.access import ApiKey
from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift.store.calls import NoteKeyUses, ReadKeys
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.first_key import FirstKey

SHORTEST_PAUSE: Final = 0.2  #: Seconds between two questions, however many unknown keys are shown.
BETWEEN_NOTES: Final = 60.0  #: Seconds between two notes of which keys were used.


class Keyring:
    """Keys by their ids. ``follow`` asks three times in ``age`` seconds whether any has changed; an unknown one makes it ask.

    A copy that is older than ``age`` is not used: then who calls is not known until Redis has answered.
    """

    def __init__(self, store: TimelyStore, first: FirstKey, *, age: float) -> None:
        self._store = store
        self._first = first
        self._age = age
        self._known: Mapping[str, tuple[ApiKey, Caller]] = {}
        self._version: int | None = None
        self._read_at = float("-inf")
        self._now: datetime | None = None
        self._asking = asyncio.Lock()
        self._used: set[str] = set()
        self._noted_at = float("-inf")

    @property
    def is_read(self) -> bool:
        """Whether keys were ever read."""
        return self._version is not None

    @property
    def now(self) -> datetime:
        """The store's clock, by which keys expire."""
        assert self._now is not None, "nothing was read"  # noqa: S101  a mistake of ours
        return self._now + timedelta(seconds=_now() - self._read_at)

    async def follow(self) -> None:
        """Ask again and again. Ends by being cancelled."""
        while True:
            with contextlib.suppress(StoreUnavailable, StoreRefused):  # the store has reported it
                await self._refresh()
                await self._note_uses()
            await asyncio.sleep(self._age / 3)

    async def find(self, id_: str) -> tuple[ApiKey, Caller] | None:
        """The key of this id and who calls with it. Raises StoreUnavailable, StoreRefused when it cannot be known."""
        asked = _now()
        if asked - self._read_at > self._age:
            await self._look_again(lambda: _now() - self._read_at <= self._age)
        if id_ not in self._known:
            await self._look_again(lambda: id_ in self._known)
        return self._known.get(id_)

    def note_use(self, id_: str) -> None:
        """Remember that a key was used, and tell it with others in a while."""
        self._used.add(id_)

    async def _look_again(self, answered: Callable[[], bool]) -> None:
        """Return when it is ``answered`` or after a read that began later than this call; those who come together share it."""
        asked = _now()
        async with self._store.deadline(), self._asking:  # the time in the queue counts, too
            if answered() or self._read_at >= asked:
                return
            await asyncio.sleep(self._read_at + SHORTEST_PAUSE - asked)
            await self._read()

    async def _refresh(self) -> None:
        async with self._asking:
            await self._read()
            if await self._first.ensure(frozenset(self._known)):
                await self._read()

    async def _read(self) -> None:
        began = _now()
        reply = await self._store.run(ReadKeys(self._version))
        if reply.keys is not None:
            self._known = {key.id: (key, Caller.with_key(key)) for key in reply.keys}
        self._version, self._now, self._read_at = reply.version, reply.now, began

    async def _note_uses(self) -> None:
        if not self._used or _now() - self._noted_at < BETWEEN_NOTES:
            return
        used, self._used = self._used, set()
        self._noted_at = _now()
        await self._store.run(NoteKeyUses(tuple(used)))


def _now() -> float:
    return asyncio.get_running_loop().time()
