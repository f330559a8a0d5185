"""Payloads and results given out by themselves: from the record, through the API, or by a link to the object store."""

import json
from typing import Final, Literal

from starlette.responses import RedirectResponse, Response, StreamingResponse

from heavylift.claim_check import ClaimCheck
from heavylift.errors import ObjectGone, ObjectsUnavailable
from heavylift.objects import Keeper
from heavylift.record import Record
from heavylift.state import State
from heavylift.store.calls import Read
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import NoResult
from heavylift_api.observe import existing

JSON: Final = "application/json"

What = Literal["payload", "result"]


class HandOut:
    """``way``: whether an object goes through here, or who asks is sent to the object store with a link for so many seconds."""

    def __init__(self, store: TimelyStore, keeper: Keeper | None, *, way: Literal["stream", "link"], link_age: float) -> None:
        self._store = store
        self._keeper = keeper
        self._way = way
        self._link_age = link_age

    async def give(self, caller: Caller, id_: str, what: What) -> Response:
        """The JSON text of a task's payload or result. Raises TaskNotFound, NoResult, ObjectGone, ObjectsUnavailable."""
        record = existing(id_, await self._store.run(Read(id_, reach=caller.reach)))
        held = _held(record, what)
        return await self._give_object(held, what) if isinstance(held, ClaimCheck) else Response(held, media_type=JSON)

    async def _give_object(self, check: ClaimCheck, what: What) -> Response:
        if self._keeper is None:
            raise ObjectsUnavailable("this is in an object store, and HEAVYLIFT_OBJECTS_URL is not set here")
        if self._way == "link":
            link = await self._keeper.storage.link(check.name, self._link_age)
            if link is not None:
                return RedirectResponse(link, headers={"Cache-Control": "no-store"})
        pieces = await self._keeper.storage.open(check.name)
        if pieces is None:
            raise ObjectGone(f"the {what} is not in the object store any more: {check.name}")
        # Who is told a length and gets another knows that something is wrong.
        return StreamingResponse(pieces, media_type=JSON, headers={"Content-Length": str(check.size)})


def _held(record: Record, what: What) -> str | ClaimCheck:
    if what == "payload":
        return ClaimCheck.read(record.payload) or record.payload
    if record.state is not State.SUCCEEDED:
        raise NoResult(record.state)
    return record.result if isinstance(record.result, ClaimCheck) else json.dumps(record.result)
