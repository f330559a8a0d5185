"""Keys: make one, see all, give one another secret, take one back."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift_api.answers import answer, problems
from heavylift_api.body import read_model
from heavylift_api.declared import needs
from heavylift_api.dependencies import KeyOfficeDep, caller_of
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
async def create_key(request: Request, office: KeyOfficeDep) -> Response:
    """Make a key. This answer is the only place where it can ever be seen."""
    asked = read_model(KeyRequest, request.headers.get("content-type"), await request.body())
    return answer(await office.create(caller_of(request), asked), 201, _ONCE)


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
async def rotate_key(request: Request, office: KeyOfficeDep, key_id: KeyId) -> Response:
    """Give a key another secret, which only this answer tells. The one before counts for the grace; one before that, no more."""
    asked = read_model(KeyRotation, request.headers.get("content-type"), await request.body())
    return answer(await office.rotate(caller_of(request), key_id, asked), 200, _ONCE)


@router.delete("/{key_id}", response_model=KeyView, responses=problems(KeyNotFound, SubmissionInvalid), openapi_extra=_ADMIN)
async def revoke_key(request: Request, office: KeyOfficeDep, key_id: KeyId) -> Response:
    """Take a key back, for good. It stays in the list, so that logs can be understood."""
    return answer(await office.revoke(caller_of(request), key_id))
