"""Lets objects be gone to which no record refers any more: the store knows which, so the object store is never listed."""

import asyncio
from typing import Final

from heavylift.errors import ObjectsUnavailable
from heavylift.objects import Storage
from heavylift.store.calls import FindSpareObjects, ForgetObjects
from heavylift.store.redis import RedisStore
from heavylift.telemetry import ObjectsSwept, ObjectTrouble, Reporter

EVERY: Final = 60.0  #: Seconds; what is swept was kept for hours.


class ObjectSweep:
    """A duty of each guardian; the store sees to it that several do not delete the same. ``sweep`` is the body of a Loop."""

    def __init__(self, storage: Storage, store: RedisStore, reporter: Reporter) -> None:
        self._storage = storage
        self._store = store
        self._reporter = reporter

    def sweep(self) -> float:
        """Delete what is spare, in portions; returns the seconds until the next look."""
        found = self._store.run(FindSpareObjects())
        if found.objects:
            try:
                asyncio.run(self._storage.delete([kept.name for kept in found.objects]))
            except ObjectsUnavailable as error:
                self._reporter.report(ObjectTrouble(operation="delete", error_type=type(error).__name__, message=str(error)))
                return EVERY
            self._store.run(ForgetObjects(found.objects))
            self._reporter.report(ObjectsSwept(count=len(found.objects)))
        return 0.0 if found.more else EVERY
