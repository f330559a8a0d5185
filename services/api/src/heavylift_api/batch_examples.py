"""What requests and answers about batches look like, for the OpenAPI document."""

import json
from typing import Any, Final

from heavylift.submission import SUBMISSION_EXAMPLES
from heavylift_api import examples

ID: Final = "01976b0e-6a10-7d11-8c3f-5e2b9f0c7a64"

SUBMISSIONS: Final[list[Any]] = [{"tasks": SUBMISSION_EXAMPLES[:2]}]

_REFUSED: Final[dict[str, Any]] = examples.PROBLEMS[0] | {"instance": "/v1/batches"}

ITEMS: Final[list[Any]] = [
    {"status": 202, "task": examples.ACCEPTED[0], "problem": None},
    {"status": 422, "task": None, "problem": _REFUSED},
]

ACCEPTED: Final[list[Any]] = [
    {"id": ID, "items": 2, "accepted": 1, "refused": 1, "href": f"/v1/batches/{ID}", "tasks": ITEMS},
]

VIEWS: Final[list[Any]] = [
    {
        "id": ID,
        "created_at": "2026-01-31T12:00:00.000Z",
        "ended_at": None,
        "expected": 1000,
        "made": 998,
        "existing": 2,
        "pending": 420,
        "succeeded": 570,
        "failed": 7,
        "cancelled": 1,
        "expired": 0,
        "links": {
            "self": f"/v1/batches/{ID}",
            "wait": f"/v1/batches/{ID}?wait=30",
            "events": f"/v1/batches/{ID}/events",
            "tasks": f"/v1/tasks?batch={ID}",
            "cancel": f"/v1/batches/{ID}/cancel",
        },
    }
]

ENDED: Final[list[Any]] = [
    {"id": examples.ID, "state": "succeeded", "href": f"/v1/tasks/{examples.ID}"},
]

EVENT: Final[dict[str, Any]] = {"id": "570", "event": "ended", "data": ENDED[0]}

_OVER: Final[dict[str, Any]] = VIEWS[0] | {"ended_at": "2026-01-31T12:03:20.500Z", "pending": 0, "succeeded": 990}

#: Blocks of a stream, by what they show.
STREAM: Final = {
    "a task has ended": f"id: 570\nevent: ended\ndata: {json.dumps(ENDED[0])}\n\n",
    "the counts are others": f"event: counts\ndata: {json.dumps(VIEWS[0])}\n\n",
    "the end": f"id: 998.end\nevent: end\ndata: {json.dumps(_OVER)}\n\n",
}

_CALLED_OFF: Final[dict[str, Any]] = VIEWS[0] | {"pending": 8, "cancelled": 413}

CANCELLED: Final[list[Any]] = [{"cancelled": 412, "asked": 8, "batch": _CALLED_OFF}]
