"""Many tasks that have not ended, by a filter: call them off, or let them begin."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.audit import Action
from heavylift_api.answers import answer, problems
from heavylift_api.body import read_model
from heavylift_api.declared import needs
from heavylift_api.dependencies import AuditorDep, LiveTaskOfficeDep, caller_of
from heavylift_api.disconnect import unless_gone
from heavylift_api.errors import BodyNotJson, BodyTooLarge, MediaTypeWrong, SubmissionInvalid
from heavylift_api.live_task_shapes import CancelRequest, LiveOutcome, RetryRequest
from heavylift_api.live_tasks import target_of
from heavylift_api.openapi import body_of

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

_OPERATE: Final = needs(Scope.OPERATE)
_OF_BODIES: Final = problems(BodyNotJson, BodyTooLarge, MediaTypeWrong, SubmissionInvalid)


@router.post("/cancel", response_model=LiveOutcome, responses=_OF_BODIES, openapi_extra=_OPERATE | body_of(CancelRequest))
async def cancel_tasks(request: Request, office: LiveTaskOfficeDep, auditor: AuditorDep) -> Response:
    """Call off all tasks that fit and have not ended: those that wait at once, those that run are asked to end.

    Try it with `dry_run` first. Who gets no answer may ask again, and the rest is done.
    """
    asked, caller = read_model(CancelRequest, request.headers.get("content-type"), await request.body()), caller_of(request)
    work = auditor.witness(
        *(caller, Action.CANCEL_TASKS, target_of(asked), office.cancel(caller, asked)),
        only_looks=asked.dry_run,
        limit=asked.limit,
    )
    return answer(await unless_gone(request, work))


@router.post("/retry", response_model=LiveOutcome, responses=_OF_BODIES, openapi_extra=_OPERATE | body_of(RetryRequest))
async def retry_tasks(request: Request, office: LiveTaskOfficeDep, auditor: AuditorDep) -> Response:
    """Let all tasks begin that fit and wait for their delay or for their next attempt.

    Try it with `dry_run` first. Who gets no answer may ask again, and the rest is done.
    """
    asked, caller = read_model(RetryRequest, request.headers.get("content-type"), await request.body()), caller_of(request)
    work = auditor.witness(
        *(caller, Action.RETRY_TASKS, target_of(asked), office.retry(caller, asked)),
        only_looks=asked.dry_run,
        limit=asked.limit,
    )
    return answer(await unless_gone(request, work))
