"""Puts payloads and results away, and fetches them: the one place in which it is decided what goes where."""

import contextlib
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

from heavylift.claim_check import ClaimCheck
from heavylift.errors import ObjectAltered, ObjectGone, ObjectsUnavailable
from heavylift.objects.names import Role, object_name
from heavylift.objects.storage import Storage
from heavylift.settings import ObjectSettings
from heavylift.store.calls import KeptObject, NoteObject
from heavylift.telemetry import ObjectFetched, ObjectPutAway, ObjectTrouble, Reporter

Note = Callable[[NoteObject], Awaitable[None]]


class Keeper:
    """Puts away what is larger than ``inline_limit``. ``note`` asks the store to note an object that is about to be made."""

    def __init__(self, storage: Storage, settings: ObjectSettings, note: Note, reporter: Reporter) -> None:
        self.storage: Final = storage
        self.inline_limit: Final = settings.inline_limit
        self.largest: Final = settings.largest
        self._note = note
        self._reporter = reporter

    def is_too_large(self, text: str) -> bool:
        """Whether a JSON text is to be put away. Asked for every task, so what is surely short is not measured."""
        return len(text) * 4 > self.inline_limit and len(text.encode()) > self.inline_limit

    async def put_text(self, task_id: str, role: Role, text: str) -> ClaimCheck:
        """Put a JSON text away. Raises ObjectsUnavailable, and what noting it raises."""
        content = text.encode()
        return await self.put(task_id, role, content, size=len(content), sha256=hashlib.sha256(content).hexdigest())

    async def put(self, task_id: str, role: Role, content: bytes | Path, *, size: int, sha256: str) -> ClaimCheck:
        """Put away what has so many bytes and this digest. Raises ObjectsUnavailable, and what noting it raises."""
        check = ClaimCheck(object_name(task_id, role, sha256), size, sha256)
        await self._note(NoteObject(KeptObject(check.name, task_id)))
        began = time.monotonic()
        with self._told("put"):
            await self.storage.put(check.name, content)
        self._reporter.report(ObjectPutAway(role=role, bytes=size, seconds=time.monotonic() - began))
        return check

    async def fetch(self, check: ClaimCheck, role: Role) -> str:
        """The JSON text that was put away. Raises ObjectGone, ObjectAltered, ObjectsUnavailable."""
        began = time.monotonic()
        with self._told("get"):
            content = await self.storage.get(check.name, check.size)
        if content is None:
            raise ObjectGone(f"the {role} is not in the object store any more: {check.name}")
        if not check.fits(content):
            raise ObjectAltered(f"the {role} in the object store is not the one that was put away: {check.name}")
        self._reporter.report(ObjectFetched(role=role, bytes=check.size, seconds=time.monotonic() - began))
        return content.decode()

    async def remove(self, check: ClaimCheck) -> None:
        """Let an object be gone to which nothing will refer. What is not removed now is swept later."""
        with contextlib.suppress(ObjectsUnavailable), self._told("delete"):
            await self.storage.delete([check.name])

    @contextlib.contextmanager
    def _told(self, operation: str) -> Iterator[None]:
        try:
            yield
        except ObjectsUnavailable as error:
            self._reporter.report(ObjectTrouble(operation=operation, error_type=_cause(error), message=str(error)))
            raise


def _cause(error: ObjectsUnavailable) -> str:
    return type(error.__cause__ or error).__name__
