"""The body of a batch: many submissions, as a JSON object or a line each."""

import json
import re
from collections.abc import Iterator
from typing import Final

from heavylift.batch import MOST_ITEMS
from heavylift.errors import HeavyliftError
from heavylift_api.body import Member, check_charset, decoded, json_errors_told, read_members
from heavylift_api.errors import BodyTooLarge, MediaTypeWrong, SubmissionInvalid
from heavylift_api.schemas import Fault

Item = dict[str, Member] | HeavyliftError  #: The members of a submission, or what is wrong with its text.

LINES: Final = "application/x-ndjson"
_LINES_TYPE: Final = re.compile(r"application/(?:x-ndjson|ndjson|jsonl|x-jsonlines)\s*(?:;|$)", re.IGNORECASE)
_JSON_TYPE: Final = re.compile(r"application/json\s*(?:;|$)", re.IGNORECASE)
_BEGINNING: Final = re.compile(r'[ \t\n\r]*\{[ \t\n\r]*"tasks"[ \t\n\r]*:[ \t\n\r]*\[')
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_END: Final = re.compile(r"\][ \t\n\r]*\}[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


def read_items(content_type: str | None, body: bytes, *, item_limit: int) -> Iterator[Item]:
    """Each item by itself: one that is wrong does not sink the others. One of more than ``item_limit`` bytes is wrong.

    Raises MediaTypeWrong; and on the way BodyNotJson, and SubmissionInvalid where there is no item, or there are too many.
    """
    if content_type is not None and _LINES_TYPE.match(content_type):
        texts = _lines(decoded(body))
    elif content_type is not None and _JSON_TYPE.match(content_type):
        texts = _elements(decoded(body))
    else:
        raise MediaTypeWrong(
            f"the body is declared as {content_type or 'nothing'}; send it with Content-Type: application/json or {LINES}"
        )
    check_charset(content_type)
    return _read(texts, item_limit)


def _read(texts: Iterator[str], item_limit: int) -> Iterator[Item]:
    number = 0
    for number, text in enumerate(texts, start=1):
        if number > MOST_ITEMS:
            raise _wrong(f"has more than {MOST_ITEMS} items; send several batches")
        yield _read_item(text, item_limit)
    if not number:
        raise _wrong("has no items; a batch has one at least")


def _read_item(text: str, limit: int) -> Item:
    if len(text.encode(errors="replace")) > limit:
        return BodyTooLarge(f"the item has more than {limit} bytes; keep big inputs in a file store and send their address")
    try:
        return read_members(text)
    except HeavyliftError as error:
        return error.with_traceback(None)


def _lines(text: str) -> Iterator[str]:
    # Not by splitlines, to which some characters inside JSON texts are ends of lines.
    return (line for line in text.split("\n") if line.strip(" \t\r"))


def _elements(text: str) -> Iterator[str]:
    """The texts of the members of ``tasks``, the only member of the object."""
    begun = _BEGINNING.match(text)
    if begun is None:
        raise _unlike(text, 'is the only member of the body, a list: {"tasks": [{"kind": "…", "payload": {…}}, …]}')
    at = _skip(text, begun.end())
    more = text[at : at + 1] != "]"
    while more:
        with json_errors_told():
            _, end = _DECODER.raw_decode(text, at)
        yield text[at:end]
        at = _skip(text, end)
        more = text[at : at + 1] == ","
        at = _skip(text, at + 1) if more else at
    if not _END.fullmatch(text, at):
        raise _unlike(text, "is the only member of the body; nothing follows it")


def _unlike(text: str, message: str) -> HeavyliftError:
    """What is wrong with a body that does not look like a batch. What is not even JSON is told so."""
    with json_errors_told():
        json.loads(text)
    return _wrong(message)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _wrong(message: str) -> SubmissionInvalid:
    return SubmissionInvalid([Fault(field="tasks", message=message)])
