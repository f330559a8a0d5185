"""Dead letters: tasks that failed, until they are replayed or discarded."""

from collections.abc import Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.audit import Action
from heavylift.errors import TaskNotFound
from heavylift_api.answers import answer, problems
from heavylift_api.auditor import Auditor
from heavylift_api.body import read_model
from heavylift_api.callers import Caller
from heavylift_api.dead_letter_shapes import (
    Bulk,
    BulkOutcome,
    DeadLetterGroups,
    DeadLetterPage,
    DeadLetterQuery,
    DiscardRequest,
    GroupQuery,
    ReplayRequest,
)
from heavylift_api.declared import needs
from heavylift_api.dependencies import AuditorDep, DeadLetterOfficeDep, caller_of
from heavylift_api.disconnect import unless_gone
from heavylift_api.errors import BodyNotJson, BodyTooLarge, CursorInvalid, MediaTypeWrong, NotDead, SubmissionInvalid
from heavylift_api.openapi import body_of
from heavylift_api.routes.tasks import TaskId
from heavylift_api.schemas import TaskView

router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"])

_READ: Final = needs(Scope.READ)
_OPERATE: Final = needs(Scope.OPERATE)
_OF_BODIES: Final = problems(BodyNotJson, BodyTooLarge, MediaTypeWrong, SubmissionInvalid)


@router.get("", response_model=DeadLetterPage, responses=problems(CursorInvalid, SubmissionInvalid), openapi_extra=_READ)
async def list_dead_letters(
    request: Request, office: DeadLetterOfficeDep, query: Annotated[DeadLetterQuery, Query()]
) -> Response:
    """List dead letters, the latest failure first."""
    return answer(await office.list(caller_of(request), query, request.scope["path"]))


@router.get("/groups", response_model=DeadLetterGroups, responses=problems(SubmissionInvalid), openapi_extra=_READ)
async def list_groups(request: Request, office: DeadLetterOfficeDep, query: Annotated[GroupQuery, Query()]) -> Response:
    """What fails most: dead letters grouped by kind, queue, reason and fingerprint, the largest groups first."""
    return answer(await office.groups(caller_of(request), query, request.scope["path"].removesuffix("/groups")))


@router.post("/replay", response_model=BulkOutcome, responses=_OF_BODIES, openapi_extra=_OPERATE | body_of(ReplayRequest))
async def replay_dead_letters(request: Request, office: DeadLetterOfficeDep, auditor: AuditorDep) -> Response:
    """Replay all dead letters that fit, at once or at a rate. Who gets no answer may ask again, and the rest is done."""
    asked = read_model(ReplayRequest, request.headers.get("content-type"), await request.body())
    caller = caller_of(request)
    work = office.replay_many(caller, asked)
    return answer(
        await unless_gone(request, _witnessed(auditor, caller, Action.REPLAY_DEAD_LETTERS, asked, work, rate=asked.rate))
    )


@router.post("/discard", response_model=BulkOutcome, responses=_OF_BODIES, openapi_extra=_OPERATE | body_of(DiscardRequest))
async def discard_dead_letters(request: Request, office: DeadLetterOfficeDep, auditor: AuditorDep) -> Response:
    """Delete all dead letters that fit, for good. Try it with `dry_run` first."""
    asked = read_model(DiscardRequest, request.headers.get("content-type"), await request.body())
    caller = caller_of(request)
    work = office.discard_many(caller, asked)
    return answer(await unless_gone(request, _witnessed(auditor, caller, Action.DISCARD_DEAD_LETTERS, asked, work)))


@router.delete(
    "/{task_id}", response_model=TaskView, responses=problems(TaskNotFound, NotDead, SubmissionInvalid), openapi_extra=_OPERATE
)
async def discard_dead_letter(request: Request, office: DeadLetterOfficeDep, auditor: AuditorDep, task_id: TaskId) -> Response:
    """Delete one dead letter, for good. Answers what is known of it for the last time."""
    caller = caller_of(request)
    return answer(await auditor.witness(caller, Action.DISCARD_DEAD_LETTER, task_id, office.discard(caller, task_id)))


def _witnessed(
    auditor: Auditor, caller: Caller, action: Action, asked: Bulk, work: Coroutine[Any, Any, BulkOutcome], **details: Any
) -> Coroutine[Any, Any, BulkOutcome]:
    return auditor.witness(caller, action, asked.target, work, only_looks=asked.dry_run, limit=asked.limit, **details)
