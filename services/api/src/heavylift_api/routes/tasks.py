"""Tasks: submit one, follow one, call one off, replay one, list many."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.audit import Action
from heavylift.errors import NotReplicated, ObjectsUnavailable, PayloadInvalid, QueueFull, TaskNotFound, UnknownKind
from heavylift.record import Standing
from heavylift.state import State
from heavylift_api.answers import answer, problems
from heavylift_api.dead_letter_shapes import Attempts, ReplayEdit
from heavylift_api.dead_letters import read_edit
from heavylift_api.declared import needs
from heavylift_api.dependencies import (
    AuditorDep,
    CancellerDep,
    DeadLetterOfficeDep,
    ExplainerDep,
    HastenerDep,
    ObserverDep,
    SubmitterDep,
    caller_of,
)
from heavylift_api.disconnect import unless_gone
from heavylift_api.errors import (
    BodyNotJson,
    BodyTooLarge,
    CursorInvalid,
    IdTaken,
    KeyMalformed,
    KeyReused,
    MediaTypeWrong,
    NotDead,
    NotWaiting,
    RequestInFlight,
    SubmissionInvalid,
    TaskEnded,
    room_headers,
)
from heavylift_api.idempotency import FIELD, REPLAYED
from heavylift_api.openapi import CALLED_OFF, IDEMPOTENCY_KEY, LOCATION, SUBMISSION_BODY, body_of
from heavylift_api.schemas import TaskAccepted, TaskPage, TaskQuery, TaskView
from heavylift_api.views import accepted_view
from heavylift_api.why_shapes import Why

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

TaskId = Annotated[str, Path(max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$", description="Id of the task.")]
Wait = Annotated[
    float | None,
    Query(ge=0, allow_inf_nan=False, description="Seconds to wait for the end of the task. Cut to the service's limit, 60."),
]

_OF_BODIES: Final = (BodyNotJson, BodyTooLarge, MediaTypeWrong, SubmissionInvalid)
_REFUSALS: Final = problems(
    *(BodyNotJson, KeyMalformed, UnknownKind, IdTaken, RequestInFlight, BodyTooLarge, MediaTypeWrong),
    *(SubmissionInvalid, KeyReused, PayloadInvalid, QueueFull, NotReplicated, ObjectsUnavailable),
)


@router.post(
    "",
    status_code=202,
    response_model=TaskAccepted,
    responses=LOCATION | _REFUSALS,
    openapi_extra=needs(Scope.SUBMIT) | SUBMISSION_BODY | IDEMPOTENCY_KEY,
)
async def submit_task(request: Request, submitter: SubmitterDep) -> Response:
    """Take a task in. Once this answers 202 the task is recorded and is not lost.

    Who gets no answer, or 503, does not know whether it is: with an `Idempotency-Key`, or with an `id` of your own, the request
    can be repeated safely.
    """
    keys, content_type = request.headers.getlist(FIELD), request.headers.get("content-type")
    large = request.state.large_submitter
    if large is not None and large.takes(request.headers):
        accepted = await large.submit(caller_of(request), content_type, request.stream(), keys)
    else:
        accepted = await submitter.submit(caller_of(request), content_type, await request.body(), keys)
    view = accepted_view(accepted)
    replayed = {REPLAYED: "true"} if accepted.standing is Standing.REPEATED else {}
    room = {} if accepted.room is None else room_headers(accepted.room)
    return answer(view, 202, {"Location": view.href} | replayed | room)


@router.get(
    "/{task_id}",
    response_model=TaskView,
    responses=problems(TaskNotFound, SubmissionInvalid),
    openapi_extra=needs(Scope.READ),
)
async def read_task(request: Request, observer: ObserverDep, task_id: TaskId, wait: Wait = None) -> Response:
    """Read a task; with `wait`, when it has ended or the wait is over, whichever comes first."""
    if wait is None:
        return answer(await observer.read(caller_of(request), task_id))
    return answer(await unless_gone(request, observer.wait(caller_of(request), task_id, wait)))


@router.post(
    "/{task_id}/cancel",
    response_model=TaskView,
    responses=CALLED_OFF | problems(TaskNotFound, TaskEnded, SubmissionInvalid),
    openapi_extra=needs(Scope.OPERATE),
)
async def cancel_task(request: Request, canceller: CancellerDep, auditor: AuditorDep, task_id: TaskId) -> Response:
    """Call a task off. One that waits is cancelled at once; one that runs is asked to end, and may still succeed."""
    caller = caller_of(request)
    view = await auditor.witness(caller, Action.CANCEL_TASK, task_id, canceller.cancel(caller, task_id))
    return answer(view, 202 if view.state is State.RUNNING else 200)


@router.post(
    "/{task_id}/retry",
    response_model=TaskView,
    responses=problems(TaskNotFound, NotWaiting, SubmissionInvalid),
    openapi_extra=needs(Scope.OPERATE),
)
async def retry_task(request: Request, hastener: HastenerDep, auditor: AuditorDep, task_id: TaskId) -> Response:
    """Let a task begin that waits for its delay or its next attempt: it enters its queue at once. Asking twice does no harm."""
    caller = caller_of(request)
    return answer(await auditor.witness(caller, Action.RETRY_TASK, task_id, hastener.retry(caller, task_id)))


@router.get(
    "/{task_id}/why",
    response_model=Why,
    responses=problems(TaskNotFound, SubmissionInvalid),
    openapi_extra=needs(Scope.READ),
)
async def explain_task(request: Request, explainer: ExplainerDep, task_id: TaskId) -> Response:
    """Why a task has not started: what it waits for, since when, what is ahead of it, and when it will probably begin."""
    return answer(Why.of(await explainer.explain(caller_of(request), task_id)))


@router.get(
    "/{task_id}/attempts",
    response_model=Attempts,
    responses=problems(TaskNotFound, SubmissionInvalid),
    openapi_extra=needs(Scope.READ),
)
async def read_attempts(request: Request, office: DeadLetterOfficeDep, task_id: TaskId) -> Response:
    """The attempts of a task that did not succeed, with what became of each. A task that succeeded at once has none."""
    return answer(await office.attempts(caller_of(request), task_id))


@router.post(
    "/{task_id}/replay",
    response_model=TaskView,
    responses=problems(*_OF_BODIES, TaskNotFound, UnknownKind, NotDead, PayloadInvalid),
    openapi_extra=needs(Scope.OPERATE) | body_of(ReplayEdit, required=False),
)
async def replay_task(request: Request, office: DeadLetterOfficeDep, auditor: AuditorDep, task_id: TaskId) -> Response:
    """Let a dead letter begin anew under its id, its attempts counted from 1. Asking twice does no harm.

    With `{"payload": …}` it begins with another payload, which asks for the scope `submit`, too. The one before stays with the
    attempts that it had, and what they left as a checkpoint goes; effects that are done stay done.
    """
    caller, edit = caller_of(request), read_edit(request.headers.get("content-type"), await request.body())
    work = office.replay(caller, task_id, edit)
    view = await auditor.witness(caller, Action.REPLAY_TASK, task_id, work, edited=True if edit else None)
    return answer(view)


@router.get("", response_model=TaskPage, responses=problems(CursorInvalid, SubmissionInvalid), openapi_extra=needs(Scope.READ))
async def list_tasks(request: Request, observer: ObserverDep, query: Annotated[TaskQuery, Query()]) -> Response:
    """List tasks, newest first."""
    return answer(await observer.list(caller_of(request), query, request.scope["path"]))
