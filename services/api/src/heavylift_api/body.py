"""The body of a submission, read once: each member's value, and its text as it was written.

The payload goes to the store as the caller wrote it, so no number loses a digit, and nothing is parsed or written twice.
"""

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from heavylift.nesting import DEEPEST, is_too_deep
from heavylift_api.errors import BodyNotJson, MediaTypeWrong, SubmissionInvalid, faults_of
from heavylift_api.schemas import Fault

Model = TypeVar("Model", bound=BaseModel)


_JSON_TYPE: Final = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)
_UTF8: Final = frozenset({"utf-8", "utf8"})
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class _GivenTwice(Exception):
    """An object inside the payload has two members of one name: readers disagree about which of them counts."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the object: what it means and how it was written."""

    value: Any
    text: str


def check_media_type(content_type: str | None) -> None:
    """Raise MediaTypeWrong unless the body is declared as JSON."""
    if content_type is None or not _JSON_TYPE.match(content_type):
        raise MediaTypeWrong(f"the body is declared as {content_type or 'nothing'}; send it with Content-Type: application/json")
    check_charset(content_type)


def check_charset(content_type: str) -> None:
    """Raise MediaTypeWrong where characters are declared that the body is not read in."""
    found = _CHARSET.search(content_type)
    if found and found[1].lower() not in _UTF8:
        raise MediaTypeWrong(
            f"the body is declared to be in {found[1] or 'no charset'}; JSON goes in UTF-8, so leave charset out"
        )


def read_model(model: type[Model], content_type: str | None, body: bytes) -> Model:
    """What a JSON object in ``body`` asks for. Raises MediaTypeWrong, BodyNotJson, SubmissionInvalid."""
    check_media_type(content_type)
    return validated(model, read_object(body))


def validated(model: type[Model], members: Mapping[str, Member]) -> Model:
    """The members as a model. Raises SubmissionInvalid, which names each field."""
    try:
        return model.model_validate({name: member.value for name, member in members.items()})
    except ValidationError as error:
        raise SubmissionInvalid(faults_of(error.errors(include_url=False, include_context=False))) from None


def read_object(body: bytes) -> dict[str, Member]:
    """The members of the JSON object in ``body``. Raises BodyNotJson, SubmissionInvalid."""
    return read_members(decoded(body))


def decoded(body: bytes) -> str:
    """The text of a body. Raises BodyNotJson."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BodyNotJson(f"the body is not UTF-8: byte {error.start} is no part of a character") from None


def read_members(text: str) -> dict[str, Member]:
    """The members of the JSON object in ``text``. Raises BodyNotJson, SubmissionInvalid."""
    with json_errors_told():
        members = _read_members(text) if text.lstrip(" \t\n\r").startswith("{") else _refuse_value(text)
    _check_texts(text, members)
    return members


@contextmanager
def json_errors_told() -> Iterator[None]:
    """What a parser of JSON raises, as BodyNotJson."""
    try:
        yield
    except json.JSONDecodeError as error:
        raise BodyNotJson(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise BodyNotJson(f"the body is nested deeper than {DEEPEST} levels") from None
    except ValueError:  # an integer of more digits than Python converts
        raise BodyNotJson(f"the body has an integer of more than {sys.get_int_max_str_digits()} digits") from None


def _read_members(text: str) -> dict[str, Member]:
    members: dict[str, Member] = {}
    at = _skip(text, text.index("{") + 1)
    if text[at : at + 1] != "}":
        at = _read_member(text, at, members)
        while text[at : at + 1] == ",":
            at = _read_member(text, _skip(text, at + 1), members)
    end = _skip(text, _expect(text, at, "}"))
    if end != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return members


def _read_member(text: str, at: int, members: dict[str, Member]) -> int:
    """Add the member at ``at`` to ``members``; returns where what follows it begins."""
    if text[at : at + 1] != '"':
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    name, at = _DECODER.raw_decode(text, at)
    at = _skip(text, _expect(text, _skip(text, at), ":"))
    value, end = _read_value(name, text, at)
    if name in members:
        raise SubmissionInvalid([Fault(field=name, message="is given twice")])
    members[name] = Member(value, text[at:end])
    return _skip(text, end)


def _read_value(name: str, text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except _GivenTwice as twice:
        raise SubmissionInvalid([Fault(field=f"{name}.{twice}", message="is given twice")]) from None


def _refuse_value(text: str) -> dict[str, Member]:
    json.loads(text)  # what is not even JSON is told so
    raise SubmissionInvalid([Fault(field="body", message='is a JSON object such as {"kind": "…", "payload": {…}}')])


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError(f"Expecting '{sign}'", text, at)
    return at + 1


def _check_texts(text: str, members: dict[str, Member]) -> None:
    """Refuse what is JSON by its grammar and yet cannot be carried to a worker and back."""
    if text.count("[") + text.count("{") > DEEPEST and any(is_too_deep(member.value) for member in members.values()):
        raise BodyNotJson(f"the body is nested deeper than {DEEPEST} levels")
    if "\\u" in text:
        _check_characters(members)


def _check_characters(members: dict[str, Member]) -> None:
    if not _is_text("".join(members)):
        raise SubmissionInvalid([Fault(field="body", message="has a member whose name is no text")])
    faults = [Fault(field=name, message=fault) for name, member in members.items() if (fault := _character_fault(member))]
    if faults:
        raise SubmissionInvalid(faults)


def _character_fault(member: Member) -> str | None:
    if _NUL.search(member.text):
        return "contains the character \\u0000, which databases do not keep; leave it out"
    if _SURROGATE.search(member.text) and not _is_text(json.dumps(member.value, ensure_ascii=False)):
        return "contains half of a surrogate pair (\\ud800 to \\udfff), which is no character"
    return None


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(name: str) -> Any:
    raise BodyNotJson(f"the body is not JSON: {name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise BodyNotJson(f"the body has a number that is too large: {digits[:32]}")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise _GivenTwice(next(name for name, count in counts.items() if count > 1))
    return members


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_unique)
