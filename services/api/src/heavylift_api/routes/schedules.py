"""Schedules: tasks that come again and again."""

import re
from collections.abc import Coroutine
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.audit import Action
from heavylift.errors import NotReplicated, PayloadInvalid, QueueFull, UnknownKind
from heavylift.schedule import KeptSchedule
from heavylift_api.answers import answer, problems
from heavylift_api.auditor import Auditor
from heavylift_api.callers import Caller
from heavylift_api.declared import needs
from heavylift_api.dependencies import AuditorDep, ScheduleOfficeDep, caller_of
from heavylift_api.errors import (
    BodyNotJson,
    BodyTooLarge,
    MediaTypeWrong,
    ScheduleIsAnother,
    ScheduleNotFound,
    SchedulesFull,
    SubmissionInvalid,
)
from heavylift_api.openapi import LOCATION, body_of
from heavylift_api.schedule_shapes import ScheduleList, ScheduleRequest, ScheduleView
from heavylift_api.schedule_views import schedule_view
from heavylift_api.schemas import Fault, TaskAccepted
from heavylift_api.views import accepted_view

T = TypeVar("T")

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])

Name = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_.-]+$", description="Name of the schedule, within its tenant.")]
Tenant = Annotated[
    str | None,
    Query(
        max_length=64,
        pattern=r"^[A-Za-z0-9_.-]*$",
        description="Whose schedule, for an administrator of no tenant. Left out: the caller's own.",
    ),
]

_READ: Final = needs(Scope.READ)
_SUBMIT: Final = needs(Scope.SUBMIT)
_TREAT: Final = needs(Scope.SUBMIT, Scope.OPERATE)
_MISSING: Final = (ScheduleNotFound, SubmissionInvalid)
_VERSION: Final = re.compile(r'"(\d{1,19})"')
_IF_MATCH: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The version that is known, in double quotes, as `ETag` has told it: another is left as it is. "
            '`"0"` stands for no schedule at all.',
            "schema": {"type": "string", "maxLength": 64},
            "example": '"1769846400000000"',
        }
    ]
}
_ETAG: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": {"ETag": {"description": "The version, in double quotes.", "schema": {"type": "string"}}}}
}


@router.get("", response_model=ScheduleList, responses=problems(), openapi_extra=_READ)
async def list_schedules(request: Request, office: ScheduleOfficeDep) -> Response:
    """All schedules, by name, without their payloads."""
    return answer(await office.list(caller_of(request)))


@router.put(
    "/{name}",
    response_model=ScheduleView,
    responses=_ETAG
    | problems(
        *(BodyNotJson, BodyTooLarge, MediaTypeWrong, SubmissionInvalid, PayloadInvalid, UnknownKind),
        *(ScheduleNotFound, SchedulesFull, ScheduleIsAnother, NotReplicated),
    ),
    openapi_extra=_SUBMIT | body_of(ScheduleRequest) | _IF_MATCH,
)
async def put_schedule(
    request: Request, office: ScheduleOfficeDep, auditor: AuditorDep, name: Name, tenant: Tenant = None
) -> Response:
    """Make a schedule, or another of one. From its next time on it submits a task at each of them."""
    caller, headers = caller_of(request), request.headers
    known = _known(headers.get("if-match"))
    work = office.put(caller, tenant, name, headers.get("content-type"), await request.body(), known)
    return _told(request, await _witnessed(auditor, caller, Action.PUT_SCHEDULE, name, tenant, work))


@router.get("/{name}", response_model=ScheduleView, responses=_ETAG | problems(*_MISSING), openapi_extra=_READ)
async def read_schedule(request: Request, office: ScheduleOfficeDep, name: Name, tenant: Tenant = None) -> Response:
    """One schedule, its next five times, and its last five tasks."""
    return _told(request, await office.read(caller_of(request), tenant, name))


@router.delete(
    "/{name}",
    response_model=ScheduleView,
    responses=_ETAG | problems(*_MISSING, ScheduleIsAnother, NotReplicated),
    openapi_extra=_TREAT | _IF_MATCH,
)
async def drop_schedule(
    request: Request, office: ScheduleOfficeDep, auditor: AuditorDep, name: Name, tenant: Tenant = None
) -> Response:
    """Drop a schedule. Its tasks stay. Answers what is known of it for the last time."""
    caller = caller_of(request)
    work = office.drop(caller, tenant, name, _known(request.headers.get("if-match")))
    return _told(request, await _witnessed(auditor, caller, Action.DROP_SCHEDULE, name, tenant, work))


@router.post(
    "/{name}/pause",
    response_model=ScheduleView,
    responses=_ETAG | problems(*_MISSING, ScheduleIsAnother, NotReplicated),
    openapi_extra=_TREAT,
)
async def pause_schedule(
    request: Request, office: ScheduleOfficeDep, auditor: AuditorDep, name: Name, tenant: Tenant = None
) -> Response:
    """Let a schedule rest until it is resumed. Asking twice does no harm."""
    caller = caller_of(request)
    work = office.pause(caller, tenant, name, paused=True)
    return _told(request, await _witnessed(auditor, caller, Action.PAUSE_SCHEDULE, name, tenant, work))


@router.post(
    "/{name}/resume",
    response_model=ScheduleView,
    responses=_ETAG | problems(*_MISSING, ScheduleIsAnother, NotReplicated),
    openapi_extra=_TREAT,
)
async def resume_schedule(
    request: Request, office: ScheduleOfficeDep, auditor: AuditorDep, name: Name, tenant: Tenant = None
) -> Response:
    """Let a schedule come again, from its next time on: what has passed meanwhile is not made up for."""
    caller = caller_of(request)
    work = office.pause(caller, tenant, name, paused=False)
    return _told(request, await _witnessed(auditor, caller, Action.RESUME_SCHEDULE, name, tenant, work))


@router.post(
    "/{name}/trigger",
    status_code=202,
    response_model=TaskAccepted,
    responses=LOCATION | problems(*_MISSING, ScheduleIsAnother, QueueFull, NotReplicated),
    openapi_extra=_TREAT,
)
async def trigger_schedule(
    request: Request, office: ScheduleOfficeDep, auditor: AuditorDep, name: Name, tenant: Tenant = None
) -> Response:
    """Submit a task of a schedule now, besides its times, paused or not.

    Where tasks may not overlap and one has not ended, the answer is that one, with `existing`.
    """
    caller = caller_of(request)
    work = office.trigger(caller, tenant, name)
    view = accepted_view(await _witnessed(auditor, caller, Action.TRIGGER_SCHEDULE, name, tenant, work))
    return answer(view, 202, {"Location": view.href})


async def _witnessed(
    auditor: Auditor, caller: Caller, action: Action, name: str, tenant: str | None, work: Coroutine[Any, Any, T]
) -> T:
    return await auditor.witness(caller, action, name, work, tenant=tenant)


def _told(request: Request, kept: KeptSchedule) -> Response:
    return answer(schedule_view(kept, caller_of(request)), 200, {"ETag": f'"{kept.version}"'})


def _known(if_match: str | None) -> int | None:
    """The version in the header If-Match. Raises SubmissionInvalid."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _VERSION.fullmatch(if_match.strip())
    if found is None:
        raise SubmissionInvalid([Fault(field="If-Match", message='is a version in double quotes, such as "1769846400000000"')])
    return int(found[1])
