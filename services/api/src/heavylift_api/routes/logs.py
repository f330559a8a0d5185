"""What the handler of a task logged."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.errors import TaskNotFound
from heavylift_api.answers import answer, problems
from heavylift_api.declared import needs
from heavylift_api.dependencies import LogReaderDep, caller_of
from heavylift_api.errors import EventIdInvalid, SubmissionInvalid
from heavylift_api.event_shapes import LogPage
from heavylift_api.places import EventId, place_of
from heavylift_api.routes.tasks import TaskId

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

After = Annotated[EventId | None, Query(description="Id of a line, or of any event of the task; lines behind it are shown.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Lines on one page at most.")]
Level = Annotated[
    Literal["debug", "info", "warning", "error", "critical"], Query(description="Only lines of this level, and of higher ones.")
]


@router.get(
    "/{task_id}/logs",
    response_model=LogPage,
    responses=problems(EventIdInvalid, TaskNotFound, SubmissionInvalid),
    openapi_extra=needs(Scope.READ),
)
async def read_logs(
    request: Request, reader: LogReaderDep, task_id: TaskId, after: After = None, limit: Limit = 200, level: Level = "debug"
) -> Response:
    """Read what the task logged, the oldest line first, over all its attempts.

    The newest lines of a task are kept, as many as the service is set to (`HEAVYLIFT_STORE_LOG_LINES`, `…_LOG_BYTES`).
    """
    return answer(await reader.read(caller_of(request), task_id, place_of("after", after), limit, level))
