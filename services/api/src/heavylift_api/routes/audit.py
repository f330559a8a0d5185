"""What operators did."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift_api.answers import answer, problems
from heavylift_api.audit_shapes import AuditLog, AuditQuery
from heavylift_api.declared import needs
from heavylift_api.dependencies import AuditReaderDep, caller_of
from heavylift_api.errors import CursorInvalid, SubmissionInvalid

router = APIRouter(prefix="/v1/audit", tags=["keys"])


@router.get("", response_model=AuditLog, responses=problems(CursorInvalid, SubmissionInvalid), openapi_extra=needs(Scope.ADMIN))
async def read_audit(request: Request, reader: AuditReaderDep, query: Annotated[AuditQuery, Query()]) -> Response:
    """What was called off, replayed and discarded, and which keys were made and taken back: by whom, and what came of it."""
    return answer(await reader.read(caller_of(request), query, request.scope["path"]))
