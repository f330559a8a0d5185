"""The catalogue: which kinds of task there are, and what their payloads look like."""

from typing import Annotated, Final

from fastapi import APIRouter, Path
from starlette.responses import Response

from heavylift.access import Scope
from heavylift.errors import UnknownKind
from heavylift_api.answers import answer, problems
from heavylift_api.declared import needs
from heavylift_api.dependencies import CatalogueDep
from heavylift_api.errors import SubmissionInvalid
from heavylift_api.schemas import Catalogue, KindView
from heavylift_api.views import kind_view

router = APIRouter(prefix="/v1/catalogue", tags=["catalogue"])

_ASKED: Final = needs(Scope.SUBMIT, Scope.READ)

KindName = Annotated[str, Path(max_length=255, description="Name of the kind.")]


@router.get("", response_model=Catalogue, responses=problems(), openapi_extra=_ASKED)
async def read_catalogue(catalogue: CatalogueDep) -> Response:
    """Every kind that a worker has published."""
    return answer(Catalogue(kinds=tuple(kind_view(known) for known in await catalogue.kinds())))


@router.get("/{kind}", response_model=KindView, responses=problems(UnknownKind, SubmissionInvalid), openapi_extra=_ASKED)
async def read_kind(catalogue: CatalogueDep, kind: KindName) -> Response:
    """One kind."""
    return answer(kind_view(await catalogue.find(kind)))
