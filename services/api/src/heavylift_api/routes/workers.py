"""Workers: who lives, and what they run."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from heavylift.access import Scope
from heavylift_api.answers import answer, problems
from heavylift_api.declared import needs
from heavylift_api.dependencies import CensusDep, caller_of
from heavylift_api.errors import SubmissionInvalid
from heavylift_api.worker_shapes import WorkerPageView, WorkerQuery

router = APIRouter(prefix="/v1/workers", tags=["workers"])


@router.get("", response_model=WorkerPageView, responses=problems(SubmissionInvalid), openapi_extra=needs(Scope.READ))
async def list_workers(request: Request, census: CensusDep, query: Annotated[WorkerQuery, Query()]) -> Response:
    """List the children of workers that live, with what they take and what they run. A key of one tenant sees none."""
    return answer(await census.list(caller_of(request), query, request.scope["path"]))
