"""A payload as JSON text that can be carried to a worker and back."""

import json
from typing import Any, Final

from heavylift.client.errors import TooLarge, faulty
from heavylift.client.values import Fault
from heavylift.nesting import DEEPEST, is_too_deep

LARGEST: Final = 1_048_576  #: Bytes, as over HTTP unless its service is set to another number: Redis is not a file store.


def payload_text(payload: Any) -> str:
    """The text of a payload. Raises RequestInvalid, TooLarge."""
    try:
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
    except UnicodeEncodeError:
        raise _wrong("contains half of a surrogate pair (\\ud800 to \\udfff), which is no character") from None
    except ValueError:
        raise _wrong("contains a number that is no JSON number: NaN, an infinity, or one with thousands of digits") from None
    except RecursionError:
        raise _too_deep() from None
    if size > LARGEST:
        raise TooLarge(
            f"the payload has {size} bytes, and {LARGEST} are let in; keep big inputs in a file store and send their address"
        )
    _check(payload, text)
    return text


def _check(payload: Any, text: str) -> None:
    if "\\u0000" in text and _has_nul(payload):
        raise _wrong("contains the character \\u0000, which databases do not keep; leave it out")
    if text.count("[") + text.count("{") > DEEPEST and is_too_deep(payload):
        raise _too_deep()


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in name or _has_nul(child) for name, child in value.items())
    return isinstance(value, list) and any(_has_nul(child) for child in value)


def _too_deep() -> Exception:
    return _wrong(f"is nested deeper than {DEEPEST} levels")


def _wrong(message: str) -> Exception:
    return faulty([Fault("payload", message)])
