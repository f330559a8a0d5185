"""How an answer is written, and how OpenAPI tells of the errors that may come instead."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift_api.errors import MEDIA_TYPE, TABLE, ProblemType
from heavylift_api.schemas import Problem, Shape

_NO_STORE: Final = (StoreUnavailable, StoreRefused)


def answer(shape: Shape, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``shape`` as it goes out. It was validated when it was made, so it is only written here."""
    return Response(shape.to_json(), status, headers, "application/json")


def problems(*errors: type[Exception], store: bool = True) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, by status, each with an example; ``store``: whether it asks Redis."""
    rows: dict[int | str, list[tuple[type[Exception], ProblemType]]] = {}
    for error in (*errors, *(_NO_STORE if store else ())):
        row = next(TABLE[kind] for kind in error.__mro__ if kind in TABLE)
        rows.setdefault(row.status, []).append((error, row))
    return {status: _described(same) for status, same in rows.items()}


def _described(rows: list[tuple[type[Exception], ProblemType]]) -> dict[str, Any]:
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {row.name: {"value": _example(error, row)} for error, row in rows},
    }
    described: dict[str, Any] = {"description": " ".join(row.title for _, row in rows), "content": {MEDIA_TYPE: content}}
    if any(row.retry_after for _, row in rows):
        described["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return described


def _example(error: type[Exception], row: ProblemType) -> dict[str, Any]:
    detail = (error.__doc__ or row.title).splitlines()[0]
    problem = Problem(type=row.urn, title=row.title, status=row.status, detail=detail, instance="/v1/tasks")
    return problem.model_dump(mode="json", exclude_defaults=True)
