"""The OpenAPI document as a judge of answers."""

import re
from functools import cache
from typing import Any, Final

import jsonschema_rs

from heavylift_api import openapi
from heavylift_api.app import create_app
from heavylift_api.settings import ApiSettings

#: What any address may answer, whatever is asked of it: told once for all in the document's description, not at each operation.
ANYWHERE: Final = frozenset({404, 405, 413, 415, 499, 500})


@cache
def document() -> dict[str, Any]:
    """The document of an application with default settings."""
    return openapi.document(create_app(ApiSettings()))


def check(method: str, path: str, status: int, content_type: str, value: Any) -> None:
    """Fail unless the document says that this operation may answer so, and what it answers fits the schema."""
    answers = _operation(method, path).get("responses", {})
    described = answers.get(str(status))
    if described is None:
        assert status in ANYWHERE, f"{method} {path} answered {status}, which its description does not know"
        return
    content = described.get("content", {})
    media_type = content_type.split(";")[0]
    if not content:
        assert not media_type, f"{method} {path} answered {status} as {content_type}, and its description knows no content"
        return
    assert media_type in content, f"{method} {path} answered {status} as {content_type}"
    if "schema" in content[media_type]:
        validator(content[media_type]["schema"]["$ref"]).validate(value)


@cache
def validator(reference: str) -> jsonschema_rs.Draft202012Validator:
    """What checks a value against a schema of the document."""
    return jsonschema_rs.Draft202012Validator({"$ref": reference, "components": document()["components"]})


def _operation(method: str, path: str) -> dict[str, Any]:
    paths = document()["paths"]
    for template in sorted(paths, key=lambda path: path.count("{")):  # an address of its own goes before one that is filled in
        if method.lower() in paths[template] and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            described: dict[str, Any] = paths[template][method.lower()]
            return described
    return {}
