"""What the events of a task look like, for the OpenAPI document. The same story: a photograph becomes a thumbnail."""

import json
from typing import Any, Final

from heavylift_api.examples import PROGRESS as HOW_FAR
from heavylift_api.examples import SUMMARY

_STATE: Final[dict[str, Any]] = {"due_at": None, "fate": None, "error": None}

ERROR: Final[dict[str, Any]] = {"type": "ImageBroken", "message": "photo.jpg ends after 7 of 12 blocks"}

STATES: Final[list[Any]] = [
    {"state": "queued", "at": "2026-01-31T12:00:00.000Z", "attempt": 1, "run": 0} | _STATE,
    {"state": "running", "at": "2026-01-31T12:00:00.003Z", "attempt": 1, "run": 1} | _STATE,
    {"state": "scheduled", "at": "2026-01-31T12:00:00.251Z", "attempt": 1, "run": 1}
    | _STATE
    | {"fate": "retried", "error": ERROR},
]

PROGRESS: Final[dict[str, Any]] = {"run": 1, "progress": HOW_FAR}

LOG: Final[dict[str, Any]] = {
    "at": "2026-01-31T12:00:00.104Z",
    "level": "info",
    "attempt": 1,
    "run": 1,
    "logger": "images",
    "message": "read photo.jpg",
    "fields": {"width": 4032},
}

DROPPED: Final[dict[str, Any]] = {"run": 1, "lines": 120}

LOG_PAGE: Final[dict[str, Any]] = {"lines": [LOG | {"id": "1.1.121"}], "dropped": 120, "after": "1.1.121", "more": False}

END: Final[dict[str, Any]] = SUMMARY | {"result": {"path": "thumbnail.jpg"}, "result_object": None, "redacted": False}

PAGE: Final[dict[str, Any]] = {
    "events": [
        {"id": "0.0", "event": "state", "data": STATES[0]},
        {"id": "1.0", "event": "state", "data": STATES[1]},
        {"id": "1.1.0.1", "event": "progress", "data": PROGRESS},
    ],
    "after": "1.1.0.1",
    "over": False,
}


def _block(place: str, name: str, data: Any) -> str:
    return f"id: {place}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


STREAM: Final[dict[str, str]] = {
    "state": _block("1.0", "state", STATES[1]),
    "progress": _block("1.1.0.1", "progress", PROGRESS),
    "log": _block("1.1.121", "log", LOG),
    "dropped": f"event: dropped\ndata: {json.dumps(DROPPED)}\n\n",
    "end": _block("1.4.0.1", "end", END),
}
