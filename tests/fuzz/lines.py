"""Bodies of a submission a line each, of which the OpenAPI document can only say that they are text."""

import json
import zlib
from typing import Any

from schemathesis import SerializationContext

from tests.fuzz.tasks import KINDS


def as_lines(context: SerializationContext, value: Any) -> bytes:
    """A submission for each word of a text that was drawn, and the text itself. An example of the document is sent as it is."""
    if not isinstance(value, str):
        return json.dumps(value).encode()
    if value.startswith("{"):
        return value.encode()
    tasks = [json.dumps({"kind": _kind(word), "payload": word}) for word in value.split()]
    return "\n".join([*tasks, value]).encode(errors="surrogatepass")


def _kind(word: str) -> str:
    return KINDS[zlib.crc32(word.encode(errors="surrogatepass")) % len(KINDS)]
