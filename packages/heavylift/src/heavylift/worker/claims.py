"""What a child does about payloads and results that are too large for their records: fetch the ones, put away the others."""

import asyncio
import time
from dataclasses import replace
from typing import Final, Self

from heavylift.claim_check import SIGN, ClaimCheck
from heavylift.errors import HeavyliftError, ObjectsUnavailable, ResultInvalid, Undecodable
from heavylift.objects import Keeper, Storage
from heavylift.objects.names import Role
from heavylift.outcome import Outcome, Retry, Succeeded
from heavylift.record import Delivery
from heavylift.settings import ObjectSettings
from heavylift.store.calls import NoteObject
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter

PAUSE: Final = 0.5  #: Seconds between two tries to note an object: the work of a whole run hangs on it.


class Claims:
    """Belongs to one child. ``keeper`` is None where no object store is set."""

    def __init__(self, keeper: Keeper | None = None) -> None:
        self._keeper = keeper

    @classmethod
    def of(cls, settings: ObjectSettings, store: RedisStore, reporter: Reporter) -> Self:
        """Those of a child that has this connection to the store."""
        if settings.url is None:
            return cls()

        async def note(call: NoteObject) -> None:
            await asyncio.to_thread(_note, store, call, settings.deadline)

        return cls(Keeper(Storage(settings), settings, note, reporter))

    def redeemed(self, delivery: Delivery) -> Delivery:
        """The delivery with its payload. Raises Undecodable, ObjectsUnavailable."""
        return asyncio.run(self._redeem(delivery)) if delivery.payload.startswith(SIGN) else delivery

    async def redeemed_async(self, delivery: Delivery) -> Delivery:
        """The same on an event loop."""
        return await self._redeem(delivery) if delivery.payload.startswith(SIGN) else delivery

    def kept(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        """The outcome with a claim check for what is too large. Raises ResultInvalid, ObjectsUnavailable, StoreUnavailable."""
        return asyncio.run(self._keep(delivery, outcome)) if self._is_too_large(outcome) else outcome

    async def kept_async(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        """The same on an event loop."""
        return await self._keep(delivery, outcome) if self._is_too_large(outcome) else outcome

    async def _redeem(self, delivery: Delivery) -> Delivery:
        if self._keeper is None:
            raise ObjectsUnavailable("the payload is in an object store, and HEAVYLIFT_OBJECTS_URL is not set at this worker")
        check = _read(delivery.payload)
        return replace(delivery, payload=await self._keeper.fetch(check, "payload"))

    def _is_too_large(self, outcome: Outcome) -> bool:
        if self._keeper is None:
            return False
        match outcome:
            case Succeeded(result):
                return self._keeper.is_too_large(result)
            case Retry():
                return self._keeper.is_too_large(outcome.payload)
        return False

    async def _keep(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        match outcome:
            case Succeeded(result):
                return Succeeded(await self._put(delivery, "result", result))
            case Retry():
                return replace(outcome, payload=await self._put(delivery, "payload", outcome.payload))
        return outcome

    async def _put(self, delivery: Delivery, role: Role, text: str) -> str:
        assert self._keeper is not None  # noqa: S101  else nothing is too large
        size = len(text.encode())
        if size > self._keeper.largest:
            raise ResultInvalid(
                f"{delivery.kind} gave a {role} of {size} bytes, and HEAVYLIFT_OBJECTS_LARGEST is {self._keeper.largest}: keep "
                "what is larger in a file store of your own, and return its address"
            )
        return (await self._keeper.put_text(delivery.id, role, text)).text


def _read(text: str) -> ClaimCheck:
    try:
        check = ClaimCheck.read(text)
    except ValueError as error:
        raise Undecodable(f"the payload cannot be read: {error}") from None
    assert check is not None  # noqa: S101  it begins with the sign
    return check


def _note(store: RedisStore, call: NoteObject, within: float) -> None:
    """Note an object, trying again for as long as the object itself may take. Raises HeavyliftError."""
    deadline = time.monotonic() + within
    while True:
        try:
            return store.run(call)
        except HeavyliftError:
            if time.monotonic() + PAUSE > deadline:
                raise
        time.sleep(PAUSE)
