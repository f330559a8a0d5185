"""Batches: submit many tasks at once, follow them as one, call them off as one."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.audit import Action
from heavylift.errors import NotReplicated, QueueFull
from heavylift_api.answers import answer, problems
from heavylift_api.batch_shapes import BatchAccepted, BatchCancelled, BatchView
from heavylift_api.batch_views import batch_accepted
from heavylift_api.declared import needs
from heavylift_api.dependencies import AuditorDep, BatchesDep, BatchIntakeDep, caller_of
from heavylift_api.disconnect import unless_gone
from heavylift_api.errors import (
    BatchNotFound,
    BodyNotJson,
    BodyTooLarge,
    KeyMalformed,
    KeyReused,
    MediaTypeWrong,
    RequestInFlight,
    SubmissionInvalid,
)
from heavylift_api.idempotency import FIELD, REPLAYED
from heavylift_api.openapi import BATCH_BODY, BATCH_LOCATION, IDEMPOTENCY_KEY

router = APIRouter(prefix="/v1/batches", tags=["batches"])

BatchId = Annotated[str, Path(max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$", description="Id of the batch.")]
Wait = Annotated[
    float | None,
    Query(ge=0, allow_inf_nan=False, description="Seconds to wait for the end of the batch. Cut to the service's limit, 60."),
]
Atomic = Annotated[bool, Query(description="All items or none: one that is wrong refuses all of them. For at most 1000 items.")]

_REFUSALS: Final = problems(
    *(
        BodyNotJson,
        KeyMalformed,
        RequestInFlight,
        BodyTooLarge,
        MediaTypeWrong,
        SubmissionInvalid,
        KeyReused,
        QueueFull,
        NotReplicated,
    )
)


@router.post(
    "",
    status_code=202,
    response_model=BatchAccepted,
    responses=BATCH_LOCATION | _REFUSALS,
    openapi_extra=needs(Scope.SUBMIT) | BATCH_BODY | IDEMPOTENCY_KEY,
)
async def submit_batch(request: Request, intake: BatchIntakeDep, atomic: Atomic = False) -> Response:
    """Take up to 10 000 tasks in. Each item is answered for itself: one that is wrong does not sink the others, unless `atomic`.

    Items that are answered 202 are recorded and are not lost. Of those that are answered 503 nobody knows; repeat the request
    under the same `Idempotency-Key`, and what is missing is added.
    """
    keys = request.headers.getlist(FIELD)
    taken = await intake.submit(
        caller_of(request), request.headers.get("content-type"), await request.body(), keys, atomic=atomic
    )
    view = batch_accepted(taken, request.scope["path"])
    replayed = {REPLAYED: "true"} if taken.replayed else {}
    return answer(view, 202, {"Location": view.href} | replayed)


@router.get(
    "/{batch_id}",
    response_model=BatchView,
    responses=problems(BatchNotFound, SubmissionInvalid),
    openapi_extra=needs(Scope.READ),
)
async def read_batch(request: Request, batches: BatchesDep, batch_id: BatchId, wait: Wait = None) -> Response:
    """Read a batch; with `wait`, when all of its tasks have ended or the wait is over, whichever comes first."""
    if wait is None:
        return answer(await batches.read(caller_of(request), batch_id))
    return answer(await unless_gone(request, batches.wait(caller_of(request), batch_id, wait)))


@router.post(
    "/{batch_id}/cancel",
    response_model=BatchCancelled,
    responses=problems(BatchNotFound, SubmissionInvalid),
    openapi_extra=needs(Scope.OPERATE),
)
async def cancel_batch(request: Request, batches: BatchesDep, auditor: AuditorDep, batch_id: BatchId) -> Response:
    """Call off all tasks of a batch that have not ended: those that wait at once, those that run are asked to end."""
    caller = caller_of(request)
    return answer(await auditor.witness(caller, Action.CANCEL_BATCH, batch_id, batches.cancel(caller, batch_id)))
