"""Keys: make one, see all, give one another secret, take one back."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from heavylift.access import Scope, new_key
from heavylift.audit import Action
from heavylift_api.answers import answer, problems
from heavylift_api.body import read_model
from heavylift_api.declared import needs
from heavylift_api.dependencies import AuditorDep, KeyOfficeDep, caller_of
from heavylift_api.errors import (
    BodyNotJson,
    BodyTooLarge,
    KeyNotFound,
    KeyOver,
    KeysFull,
    MediaTypeWrong,
    SubmissionInvalid,
)
from heavylift_api.key_shapes import KeyList, KeyRequest, KeyRotation, KeyView, NewKeyView
from heavylift_api.openapi import body_of

router = APIRouter(prefix="/v1/keys", tags=["keys"])

KeyId = Annotated[str, Path(pattern=r"^[0-9a-z]{1,32}$", description="Id of the key: what follows `hl_`.")]

_OF_BODIES: Final = (BodyNotJson, BodyTooLarge, MediaTypeWrong, SubmissionInvalid)
_ADMIN: Final = needs(Scope.ADMIN)
_ONCE: Final = {"Cache-Control": "no-store"}
_TOLD_ONCE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": {"Cache-Control": {"description": "`no-store`.", "schema": {"type": "string"}}}}
}


@router.post(
    "",
    status_code=201,
    response_model=NewKeyView,
    responses=problems(*_OF_BODIES, KeysFull),
    openapi_extra=_ADMIN | body_of(KeyRequest),
)
async def create_key(request: Request, office: KeyOfficeDep, auditor: AuditorDep) -> Response:
    """Make a key. This answer is the only place where it can ever be seen."""
    asked = read_model(KeyRequest, request.headers.get("content-type"), await request.body())
    caller, text = caller_of(request), new_key()
    work = office.create(caller, asked, text)
    made = await auditor.witness(
        caller, Action.CREATE_KEY, text.id, work, name=asked.name, scopes=asked.scopes, tenant=asked.tenant
    )
    return answer(made, 201, _ONCE)


@router.get("", response_model=KeyList, responses=problems(), openapi_extra=_ADMIN)
async def list_keys(request: Request, office: KeyOfficeDep) -> Response:
    """All keys, without their secrets: those of the caller's tenant, if it has one."""
    return answer(await office.list(caller_of(request)))


@router.post(
    "/{key_id}/rotate",
    response_model=NewKeyView,
    responses=_TOLD_ONCE | problems(*_OF_BODIES, KeyNotFound, KeyOver),
    openapi_extra=_ADMIN | body_of(KeyRotation),
)
async def rotate_key(request: Request, office: KeyOfficeDep, auditor: AuditorDep, key_id: KeyId) -> Response:
    """Give a key another secret, which only this answer tells. The one before counts for the grace; one before that, no more."""
    asked = read_model(KeyRotation, request.headers.get("content-type"), await request.body())
    caller = caller_of(request)
    work = office.rotate(caller, key_id, asked)
    return answer(await auditor.witness(caller, Action.ROTATE_KEY, key_id, work, grace=asked.grace), 200, _ONCE)


@router.delete("/{key_id}", response_model=KeyView, responses=problems(KeyNotFound, SubmissionInvalid), openapi_extra=_ADMIN)
async def revoke_key(request: Request, office: KeyOfficeDep, auditor: AuditorDep, key_id: KeyId) -> Response:
    """Take a key back, for good. It stays in the list, so that logs can be understood."""
    caller = caller_of(request)
    return answer(await auditor.witness(caller, Action.REVOKE_KEY, key_id, office.revoke(caller, key_id)))
