"""The events of a batch, as a stream."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift_api.answers import problems
from heavylift_api.batch_places import BatchEventId, batch_place_of
from heavylift_api.declared import needs
from heavylift_api.dependencies import BatchFollowersDep, caller_of
from heavylift_api.errors import BatchNotFound, EventIdInvalid, SubmissionInvalid, TooManyStreams
from heavylift_api.openapi import BATCH_EVENTS
from heavylift_api.routes.batches import BatchId

router = APIRouter(prefix="/v1/batches", tags=["batches"])

LastEventId = Annotated[
    BatchEventId | None,
    Header(description="Id of the last event that you have; those behind it are told. Browsers send it by themselves."),
]
After = Annotated[
    BatchEventId | None, Query(description="The same for those who cannot set a header. Where both are given the header counts.")
]


@router.get(
    "/{batch_id}/events",
    response_class=Response,
    responses=BATCH_EVENTS | problems(EventIdInvalid, BatchNotFound, SubmissionInvalid, TooManyStreams),
    openapi_extra=needs(Scope.READ),
)
async def follow_batch(
    request: Request,
    followers: BatchFollowersDep,
    batch_id: BatchId,
    last_event_id: LastEventId = None,
    after: After = None,
) -> Response:
    """Follow a batch: how each of its tasks ends, in their order, its counts as they change, and its end.

    Who comes late, or back with the id of the last event, is told every end behind it, and the counts as they are then. Whoever
    comes back with the id of the end is answered 204, upon which browsers come back no more.
    """
    told, asked = batch_place_of("Last-Event-ID", last_event_id), batch_place_of("after", after)
    place = told if last_event_id else asked
    return await followers.stream(caller_of(request), batch_id, place) or Response(status_code=204)
