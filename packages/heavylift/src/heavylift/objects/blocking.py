"""The keeper for blocking code, such as Celery's."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from heavylift.claim_check import ClaimCheck
from heavylift.errors import PayloadInvalid
from heavylift.objects.keeper import Keeper
from heavylift.objects.storage import Storage
from heavylift.settings import ObjectSettings
from heavylift.store.calls import NoteObject
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter

Reply = TypeVar("Reply")


class BlockingKeeper:
    """Puts payloads away for who publishes tasks, and fetches results for who asks for them."""

    def __init__(self, settings: ObjectSettings, store: RedisStore, reporter: Reporter) -> None:
        async def note(call: NoteObject) -> None:
            store.run(call)

        self._keeper = Keeper(Storage(settings), settings, note, reporter)

    def kept(self, task_id: str, payload: str) -> str:
        """The payload, or a claim check where it is too large. Raises PayloadInvalid, ObjectsUnavailable, StoreUnavailable."""
        if not self._keeper.is_too_large(payload):
            return payload
        size, most = len(payload.encode()), self._keeper.largest
        if size > most:
            raise PayloadInvalid(f"the payload has {size} bytes, and HEAVYLIFT_OBJECTS_LARGEST is {most}")
        return finished(self._keeper.put_text(task_id, "payload", payload)).text

    def fetch(self, check: ClaimCheck) -> str:
        """A result that was put away. Raises ObjectGone, ObjectAltered, ObjectsUnavailable."""
        return finished(self._keeper.fetch(check, "result"))


def finished(work: Coroutine[Any, Any, Reply]) -> Reply:
    """What comes of ``work``, also where an event loop runs already: then in a thread beside it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()
