"""Queues: see what they hold, pause and resume them, say how much they take in, empty them."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.audit import Action
from heavylift_api.answers import answer, problems
from heavylift_api.body import read_model
from heavylift_api.declared import needs
from heavylift_api.dependencies import AuditorDep, PurgeOfficeDep, QueueOfficeDep, caller_of
from heavylift_api.errors import BodyNotJson, BodyTooLarge, MediaTypeWrong, PurgeTokenInvalid, QueueNotFound, SubmissionInvalid
from heavylift_api.openapi import body_of
from heavylift_api.queue_shapes import (
    QueueLimitRequest,
    QueuePageView,
    QueuePauseRequest,
    QueuePurgeRequest,
    QueuePurgeView,
    QueueQuery,
    QueueView,
)

router = APIRouter(prefix="/v1/queues", tags=["queues"])

QueueName = Annotated[str, Path(max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$", description="Name of the queue.")]

_OF_BODIES: Final = (BodyNotJson, BodyTooLarge, MediaTypeWrong, SubmissionInvalid)


@router.get("", response_model=QueuePageView, responses=problems(SubmissionInvalid), openapi_extra=needs(Scope.READ))
async def list_queues(request: Request, office: QueueOfficeDep, query: Annotated[QueueQuery, Query()]) -> Response:
    """List queues by name, with what they hold. They belong to all tenants: a key of one sees none."""
    return answer(await office.list(caller_of(request), query, request.scope["path"]))


@router.get(
    "/{queue}", response_model=QueueView, responses=problems(QueueNotFound, SubmissionInvalid), openapi_extra=needs(Scope.READ)
)
async def read_queue(request: Request, office: QueueOfficeDep, queue: QueueName) -> Response:
    """Read a queue: what waits and runs in it, how fast it moves, who serves it, and whether it is paused."""
    return answer(await office.read(caller_of(request), queue))


@router.post(
    "/{queue}/pause",
    response_model=QueueView,
    responses=problems(QueueNotFound, *_OF_BODIES),
    openapi_extra=needs(Scope.OPERATE) | body_of(QueuePauseRequest, required=False),
)
async def pause_queue(request: Request, office: QueueOfficeDep, auditor: AuditorDep, queue: QueueName) -> Response:
    """Pause a queue: from this answer on nobody takes a task of it in hand. It takes submissions, and what runs goes on."""
    body = await request.body()
    asked = read_model(QueuePauseRequest, request.headers.get("content-type"), body) if body else QueuePauseRequest()
    caller, pause = caller_of(request), office.pause(caller_of(request), queue, asked)
    terms = {"reason": asked.reason or None, "expires_in": asked.expires_in}
    return answer(await auditor.witness(caller, Action.PAUSE_QUEUE, queue, pause, only_looks=False, **terms))


@router.post(
    "/{queue}/resume",
    response_model=QueueView,
    responses=problems(QueueNotFound, SubmissionInvalid),
    openapi_extra=needs(Scope.OPERATE),
)
async def resume_queue(request: Request, office: QueueOfficeDep, auditor: AuditorDep, queue: QueueName) -> Response:
    """Resume a paused queue: workers that wait take from it at once. One that is not paused stays as it is."""
    caller = caller_of(request)
    return answer(await auditor.witness(caller, Action.RESUME_QUEUE, queue, office.resume(caller, queue)))


@router.put(
    "/{queue}/limit",
    response_model=QueueView,
    responses=problems(QueueNotFound, *_OF_BODIES),
    openapi_extra=needs(Scope.OPERATE) | body_of(QueueLimitRequest),
)
async def limit_queue(request: Request, office: QueueOfficeDep, auditor: AuditorDep, queue: QueueName) -> Response:
    """Say how many tasks may wait in a queue. Submissions beyond that are answered 429; those that wait already stay."""
    caller = caller_of(request)
    await office.read(caller, queue)  # nobody learns more of a queue that is none of theirs by sending a body that is wrong
    asked = read_model(QueueLimitRequest, request.headers.get("content-type"), await request.body())
    limit = office.limit(caller, queue, asked)
    return answer(await auditor.witness(caller, Action.LIMIT_QUEUE, queue, limit, length=asked.length))


@router.post(
    "/{queue}/purge",
    response_model=QueuePurgeView,
    responses=problems(QueueNotFound, PurgeTokenInvalid, *_OF_BODIES),
    openapi_extra=needs(Scope.OPERATE) | body_of(QueuePurgeRequest, required=False),
)
async def purge_queue(request: Request, office: PurgeOfficeDep, auditor: AuditorDep, queue: QueueName) -> Response:
    """Call off all that waits in a queue, in two steps: without a token this says how many tasks would go, and gives one.

    With the token those tasks are cancelled that waited then and wait still. What runs goes on, and what came later stays.
    """
    caller, body = caller_of(request), await request.body()
    asked = read_model(QueuePurgeRequest, request.headers.get("content-type"), body) if body else QueuePurgeRequest()
    work = office.plan(caller, queue) if asked.token is None else office.carry_out(caller, queue, asked.token)
    return answer(await auditor.witness(caller, Action.PURGE_QUEUE, queue, work, only_looks=asked.token is None))
