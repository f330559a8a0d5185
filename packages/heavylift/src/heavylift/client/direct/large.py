"""Results that are too large for Redis, fetched from where the settings of this process say that they are."""

import json
from typing import Any

from heavylift.claim_check import ClaimCheck
from heavylift.errors import ObjectsUnavailable
from heavylift.objects import Keeper, Storage
from heavylift.settings import ObjectSettings
from heavylift.store.calls import NoteObject
from heavylift.telemetry import Reporter


async def fetched(check: ClaimCheck) -> Any:
    """The value that was put away. Raises ObjectGone, ObjectAltered, ObjectsUnavailable."""
    settings = ObjectSettings.load()
    if settings.url is None:
        raise ObjectsUnavailable("the result is in an object store, and HEAVYLIFT_OBJECTS_URL is not set here")
    return json.loads(await Keeper(Storage(settings), settings, _note_nothing, Reporter()).fetch(check, "result"))


async def _note_nothing(call: NoteObject) -> None:
    raise AssertionError(f"nothing is put away here: {call}")
