"""The events of a task: as a stream, or a page at a time."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.errors import TaskNotFound
from heavylift_api.answers import answer, problems
from heavylift_api.declared import needs
from heavylift_api.dependencies import FollowersDep, caller_of
from heavylift_api.disconnect import unless_gone
from heavylift_api.errors import EventIdInvalid, NothingAcceptable, SubmissionInvalid, TooManyStreams
from heavylift_api.following import page_of
from heavylift_api.openapi import EVENTS
from heavylift_api.places import EventId, place_of
from heavylift_api.routes.tasks import TaskId
from heavylift_api.stream import MEDIA_TYPE

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

LastEventId = Annotated[
    EventId | None,
    Header(description="Id of the last event that you have; those behind it are told. Browsers send it by themselves."),
]
After = Annotated[
    EventId | None, Query(description="The same for those who cannot set a header. Where both are given the header counts.")
]
Wait = Annotated[
    float,
    Query(ge=0, allow_inf_nan=False, description="For a page: seconds to wait for an event. Cut to the service's limit, 60."),
]

_PAGE: Final = "application/json"


@router.get(
    "/{task_id}/events",
    response_class=Response,
    responses=EVENTS | problems(EventIdInvalid, TaskNotFound, NothingAcceptable, SubmissionInvalid, TooManyStreams),
    openapi_extra=needs(Scope.READ),
)
async def follow_task(
    request: Request,
    followers: FollowersDep,
    task_id: TaskId,
    last_event_id: LastEventId = None,
    after: After = None,
    wait: Wait = 0.0,
) -> Response:
    """Follow a task: its states, its progress and its end, from the beginning or from behind an event that is known.

    As `text/event-stream` each event comes as it happens, and the stream ends with the task. Whoever comes back with the id of
    the last event is answered 204, upon which browsers come back no more. Accept `application/json` to have a page at once, or,
    with `wait`, as soon as there is something new.
    """
    told, asked = place_of("Last-Event-ID", last_event_id), place_of("after", after)
    place = told if last_event_id else asked
    if _accepted(request.headers.get("accept", "*/*")) == _PAGE:
        return answer(page_of(await unless_gone(request, followers.page(caller_of(request), task_id, place, wait))))
    return await followers.stream(caller_of(request), task_id, place) or Response(status_code=204)


def _accepted(accept: str) -> str:
    """The type that is answered. Raises NothingAcceptable."""
    named = {part.split(";")[0].strip().lower() for part in accept.split(",")}
    if named & {MEDIA_TYPE, "text/*", "*/*", ""} and not (_PAGE in named and MEDIA_TYPE not in named):
        return MEDIA_TYPE
    if named & {_PAGE, "application/*"}:
        return _PAGE
    raise NothingAcceptable
