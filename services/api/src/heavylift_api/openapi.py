"""The OpenAPI document: FastAPI's, with the shapes that routes read or answer without telling FastAPI.

``python -m heavylift_api.openapi FILE`` writes it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from heavylift.submission import SUBMISSION_EXAMPLES
from heavylift_api import batch_examples, event_examples
from heavylift_api.answers import problems
from heavylift_api.audit_shapes import AuditLog
from heavylift_api.autoscaling_shapes import Autoscaling
from heavylift_api.batch_body import LINES
from heavylift_api.batch_event_shapes import EndedEvent
from heavylift_api.batch_shapes import BatchAccepted, BatchCancelled, BatchSubmission, BatchView, ItemAnswer
from heavylift_api.dead_letter_shapes import (
    Attempts,
    BulkOutcome,
    DeadLetterGroups,
    DeadLetterPage,
    DiscardRequest,
    ReplayEdit,
    ReplayRequest,
)
from heavylift_api.declared import SCHEME
from heavylift_api.errors import ScopeMissing, Unauthenticated
from heavylift_api.event_shapes import DroppedEvent, EndEvent, EventPage, LogEvent, LogPage, ProgressEvent, StateEvent
from heavylift_api.idempotency import KEY_PATTERN
from heavylift_api.key_shapes import KeyList, KeyRequest, KeyRotation, KeyView, NewKeyView
from heavylift_api.links import add_links
from heavylift_api.live_task_shapes import CancelRequest, LiveOutcome, RetryRequest
from heavylift_api.queue_shapes import (
    QueueLimitRequest,
    QueuePageView,
    QueuePauseRequest,
    QueuePurgeRequest,
    QueuePurgeView,
    QueueView,
)
from heavylift_api.schedule_shapes import ScheduleList, ScheduleRequest, ScheduleView
from heavylift_api.schemas import (
    Catalogue,
    Health,
    KindView,
    ObjectView,
    Problem,
    ProgressView,
    TaskAccepted,
    TaskPage,
    TaskSubmission,
    TaskView,
)
from heavylift_api.steering_shapes import FreezeRequest, OverrideRequest, SteeredPools
from heavylift_api.why_shapes import Why
from heavylift_api.worker_shapes import WorkerPageView

_REFERENCE: Final = "#/components/schemas/{model}"
_SHAPES: Final[list[tuple[type[BaseModel], Literal["validation", "serialization"]]]] = [
    *(
        (shape, "validation")
        for shape in (
            *(TaskSubmission, BatchSubmission, ScheduleRequest, KeyRequest, KeyRotation),
            *(ReplayEdit, ReplayRequest, DiscardRequest, CancelRequest, RetryRequest),
            *(OverrideRequest, FreezeRequest),
            *(QueueLimitRequest, QueuePauseRequest, QueuePurgeRequest),
        )
    ),
    *(
        (shape, "serialization")
        for shape in (
            Attempts,
            AuditLog,
            LiveOutcome,
            SteeredPools,
            Autoscaling,
            BatchAccepted,
            BatchCancelled,
            BatchView,
            BulkOutcome,
            Catalogue,
            DeadLetterGroups,
            DeadLetterPage,
            DroppedEvent,
            EndEvent,
            EndedEvent,
            EventPage,
            Health,
            ItemAnswer,
            KeyList,
            KeyView,
            KindView,
            NewKeyView,
            LogEvent,
            LogPage,
            ObjectView,
            Problem,
            ProgressEvent,
            ProgressView,
            QueuePageView,
            QueuePurgeView,
            QueueView,
            ScheduleList,
            ScheduleView,
            StateEvent,
            TaskAccepted,
            TaskPage,
            TaskView,
            Why,
            WorkerPageView,
        )
    ),
]


_BEARER: Final[dict[str, Any]] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "hl_<id>_<secret>",
    "description": "A key, as `Authorization: Bearer hl_…`. Of the scopes that an operation names the key must have one: "
    "`submit`, `read`, `payload`, `operate`, or `admin`, which is all. A key that belongs to a tenant sees and touches the tasks "
    "of that tenant only: others are answered as if there were none.",
}

_CHALLENGE: Final = {"WWW-Authenticate": {"description": "What is asked for.", "schema": {"type": "string"}}}
_TURNED_AWAY: Final = {
    str(status): described | {"headers": _CHALLENGE}
    for status, described in problems(Unauthenticated, ScopeMissing, store=False).items()
}


def body_of(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """The body of a request. They are read by hand, for a payload's own text and for our problems; so they are told so, too."""
    shown: Any = model.model_config.get("json_schema_extra", {})
    content = {
        "schema": {"$ref": f"#/components/schemas/{model.__name__}"},
        "examples": {str(number): {"value": example} for number, example in enumerate(shown["examples"], start=1)},
    }
    return {"requestBody": {"required": required, "content": {"application/json": content}}}


#: The body of a submission.
SUBMISSION_BODY: Final = body_of(TaskSubmission)

#: The header of a request that may be repeated.
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "A text in double quotes that is new for each new request, best a UUID. Repeated with the same key "
            "and body, a request makes no second task and is answered as the first time, with `Idempotency-Replayed`. Kept for "
            "a day, unless the service is set otherwise (`HEAVYLIFT_API_IDEMPOTENCY_RETENTION`).",
            "schema": {"type": "string", "pattern": KEY_PATTERN},
            "example": '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
        }
    ]
}

_LINES_CONTENT: Final = {
    LINES: {
        "schema": {"type": "string", "description": "A submission a line, each as in `POST /v1/tasks`."},
        "example": "\n".join(json.dumps(task) for task in SUBMISSION_EXAMPLES[:2]),
    }
}

#: The body of a batch.
BATCH_BODY: Final = body_of(BatchSubmission)
BATCH_BODY["requestBody"]["content"] |= _LINES_CONTENT

#: Where the task is that was taken in, and whether that was told before.
LOCATION: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "headers": {
            "Location": {"description": "Address of the task.", "schema": {"type": "string"}},
            "RateLimit-Policy": {
                "description": 'How many tasks may wait in the queue, where that is limited: `"queue";q=10000;qu="tasks"`.',
                "schema": {"type": "string"},
            },
            "RateLimit": {
                "description": 'How many more may come: `"queue";r=9588`.',
                "schema": {"type": "string"},
            },
            "Idempotency-Replayed": {
                "description": "`true` where this is the answer to an earlier request under the same `Idempotency-Key`.",
                "schema": {"type": "string", "enum": ["true"]},
            },
        }
    }
}

#: The same of a batch.
BATCH_LOCATION: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "headers": {"Idempotency-Replayed": LOCATION[202]["headers"]["Idempotency-Replayed"]}
        | {"Location": {"description": "Address of the batch.", "schema": {"type": "string"}}}
    }
}

#: The two ways in which a task is called off.
CALLED_OFF: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The task waited, and is cancelled. Or it was cancelled before."},
    202: {"model": TaskView, "description": "The task runs, and is asked to end. It may still succeed; follow it."},
}


#: The two ways in which the events of a task are told.
EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events, in their order. In a stream `event` names the shape of `data`: `StateEvent`, `ProgressEvent`, "
        "`LogEvent`, `DroppedEvent`, `EndEvent`; lines that begin with a colon keep the connection alive. `gone` ends the stream "
        "where the record is gone.",
        "content": {
            "text/event-stream": {"examples": {name: {"value": text} for name, text in event_examples.STREAM.items()}},
            "application/json": {"schema": {"$ref": "#/components/schemas/EventPage"}},
        },
    },
    204: {"description": "The task has ended, and this is known: there is nothing more to come back for."},
}


#: The events of a batch.
BATCH_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events, in their order. `event` names the shape of `data`: `ended` is an `EndedEvent`, `counts` and "
        "`end` are a `BatchView`; lines that begin with a colon keep the connection alive. `gone` ends the stream where the "
        "batch is known no longer.",
        "content": {
            "text/event-stream": {
                "x-events": {
                    "ended": {"$ref": _REFERENCE.format(model="EndedEvent")},
                    "counts": {"$ref": _REFERENCE.format(model="BatchView")},
                    "end": {"$ref": _REFERENCE.format(model="BatchView")},
                },
                "examples": {name: {"value": text} for name, text in batch_examples.STREAM.items()},
            },
        },
    },
    204: {"description": "The batch has ended, and this is known: there is nothing more to come back for."},
}


#: The two ways in which a payload or a result is given out.
GIVEN_OUT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The JSON text.", "content": {"application/json": {}}},
    307: {
        "description": "It is at another address, in the object store, which is good for a while; ask there without a key.",
        "headers": {"Location": {"description": "Where it is.", "schema": {"type": "string"}}},
    },
}


def install(app: FastAPI) -> None:
    """Let the application show this document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    described = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes
    )
    # FastAPI's own lack each null in the examples, and so fields that they must have.
    _, shapes = models_json_schema(_SHAPES, ref_template=_REFERENCE)
    _tell_of_keys(described)
    _tell_what_is_left_out(described)
    add_links(described)
    described["components"]["schemas"] = dict(sorted((described["components"]["schemas"] | shapes["$defs"]).items()))
    return described


def _tell_of_keys(described: dict[str, Any]) -> None:
    """The way to show a key, and what whoever shows none or another is answered."""
    described["components"]["securitySchemes"] = {SCHEME: _BEARER}
    for operations in described["paths"].values():
        for operation in operations.values():
            if operation.get("security"):
                operation["responses"] |= _TURNED_AWAY
                operation["responses"] = dict(sorted(operation["responses"].items()))


def _tell_what_is_left_out(described: dict[str, Any]) -> None:
    """A parameter that is not given is left out. FastAPI says that it may be null, of which no header and no query knows."""
    for operations in described["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                one, *others = [kind for kind in parameter["schema"].pop("anyOf", [{}]) if kind != {"type": "null"}]
                parameter["schema"] |= one if not others else {"anyOf": [one, *others]}


def write(path: Path) -> None:
    """Write the document of an application with default settings to ``path``."""
    from heavylift_api.app import create_app
    from heavylift_api.settings import ApiSettings

    path.write_text(json.dumps(document(create_app(ApiSettings())), indent=2, ensure_ascii=False) + "\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Write the document to the file that is named."""
    (file,) = sys.argv[1:] if argv is None else argv
    write(Path(file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
