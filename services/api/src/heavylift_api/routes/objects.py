"""What tasks carry, by itself: for what is too large to be shown with the task."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.errors import ObjectGone, ObjectsUnavailable, TaskNotFound
from heavylift_api.answers import problems
from heavylift_api.declared import needs
from heavylift_api.dependencies import HandOutDep, caller_of
from heavylift_api.errors import NoResult, SubmissionInvalid
from heavylift_api.openapi import GIVEN_OUT
from heavylift_api.routes.tasks import TaskId

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

_COMMON = (TaskNotFound, ObjectGone, SubmissionInvalid, ObjectsUnavailable)


@router.get(
    "/{task_id}/payload",
    response_class=Response,
    responses=GIVEN_OUT | problems(*_COMMON),
    openapi_extra=needs(Scope.PAYLOAD),
)
async def read_payload(request: Request, hand_out: HandOutDep, task_id: TaskId) -> Response:
    """Read what the task works on: its JSON as it was written, whatever its size."""
    return await hand_out.give(caller_of(request), task_id, "payload")


@router.get(
    "/{task_id}/result",
    response_class=Response,
    responses=GIVEN_OUT | problems(*_COMMON, NoResult),
    openapi_extra=needs(Scope.PAYLOAD),
)
async def read_result(request: Request, hand_out: HandOutDep, task_id: TaskId) -> Response:
    """Read what the task has returned: its JSON, whatever its size."""
    return await hand_out.give(caller_of(request), task_id, "result")
