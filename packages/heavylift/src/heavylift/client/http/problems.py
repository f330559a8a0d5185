"""Problems (RFC 9457) become errors."""

import json
from typing import Any, Final

from heavylift.client import errors
from heavylift.client.errors import AnswerUnreadable, Refused, Said
from heavylift.client.http.message import Answer
from heavylift.faults import Fault
from heavylift.state import State

URN: Final = "urn:heavylift:problem:"

#: By the last part of ``type``.
TABLE: Final[dict[str, type[Refused]]] = {
    "request-invalid": errors.RequestInvalid,
    "not-json": errors.RequestInvalid,
    "cursor-invalid": errors.RequestInvalid,
    "event-id-invalid": errors.RequestInvalid,
    "idempotency-key-malformed": errors.RequestInvalid,
    "payload-invalid": errors.PayloadUnfit,
    "unknown-kind": errors.KindUnknown,
    "task-not-found": errors.TaskUnknown,
    "batch-not-found": errors.BatchUnknown,
    "queue-not-found": errors.QueueUnknown,
    "purge-token-invalid": errors.PurgeOver,
    "schedule-not-found": errors.ScheduleUnknown,
    "schedule-changed": errors.ScheduleChanged,
    "key-not-found": errors.KeyUnknown,
    "unauthenticated": errors.Unauthenticated,
    "scope-missing": errors.ScopeMissing,
    "id-taken": errors.IdTaken,
    "idempotency-key-reused": errors.KeyReused,
    "request-in-flight": errors.RequestInFlight,
    "task-ended": errors.TaskEnded,
    "not-waiting": errors.NotWaiting,
    "not-dead": errors.NotDead,
    "body-too-large": errors.TooLarge,
    "too-many-streams": errors.TooMany,
    "not-ready": errors.Unready,
    "store-unavailable": errors.Unready,
    "store-refused": errors.Overloaded,
    "not-replicated": errors.Unconfirmed,
}
_BY_STATUS: Final[dict[int, type[Refused]]] = {413: errors.TooLarge, 429: errors.TooMany, 503: errors.Unready}


def check(answer: Answer) -> None:
    """Raise the error that an answer is, if it is one."""
    if answer.status < 300:
        return
    if "problem+json" not in answer.headers.get("content-type", ""):
        raise AnswerUnreadable(
            f"answered {answer.status}, and not as the API of Heavylift does: look at the URL, and at what stands in front of it"
        )
    raise problem(value_of(answer), answer)


def problem(said: dict[str, Any], answer: Answer | None = None) -> Refused:
    """The error that a problem is."""
    name, status = str(said.get("type", "")).removeprefix(URN), said.get("status")
    kind = TABLE.get(name) or _BY_STATUS.get(status or 0, Refused)
    known = said.get("state")
    return kind(
        said.get("detail") or said.get("title"),
        Said(
            faults=tuple(Fault(fault["field"], fault["message"]) for fault in said.get("errors", ())),
            near=tuple(said.get("near", ())),
            state=State(known) if known in set(State) else None,
            problem=name,
            status=status,
            request_id=answer.headers.get("x-request-id") if answer else None,
        ),
    )


def value_of(answer: Answer) -> Any:
    """The JSON value of an answer. Raises AnswerUnreadable."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable(f"answered {answer.status} with something else than JSON: {error}") from None
