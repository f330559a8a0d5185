"""What can go wrong in a request, and the one table that makes problem+json of it (RFC 9457)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import compile_path

from heavylift import faults
from heavylift.access import Scope
from heavylift.errors import (
    HeavyliftError,
    NotReplicated,
    ObjectGone,
    ObjectsUnavailable,
    PayloadInvalid,
    PrimaryAwaited,
    QueueFull,
    StoreRefused,
    StoreUnavailable,
    TaskNotFound,
    UnknownKind,
)
from heavylift.record import Room
from heavylift.state import State
from heavylift_api.schemas import Fault, Problem

MEDIA_TYPE: Final = "application/problem+json"
URN: Final = "urn:heavylift:problem:"
RETRY_AFTER: Final = "2"  #: Seconds; a failover of Redis takes some, and by then its end shows.


class StoreSilent(StoreUnavailable):
    """Redis has said nothing for as long as the API waits."""


class Unauthenticated(HeavyliftError):
    """No key came with the request, or none that is good here; send it as Authorization: Bearer hl_…"""

    def __init__(self, detail: str, *, shown: bool) -> None:
        super().__init__(detail)
        self.headers = {"WWW-Authenticate": 'Bearer realm="heavylift"' + (', error="invalid_token"' if shown else "")}


class ScopeMissing(HeavyliftError):
    """The key is good, and not for this: it lacks the scope that is asked for here."""

    def __init__(self, needed: Collection[Scope]) -> None:
        names = sorted(needed)
        super().__init__(
            f"the key lacks the scope {' or '.join(names)}" if names else "this address says of nobody that they may call it"
        )
        scope = f', scope="{" ".join(names)}"' if names else ""
        self.headers = {"WWW-Authenticate": f'Bearer realm="heavylift", error="insufficient_scope"{scope}'}


class KeyNotFound(HeavyliftError):
    """No key has this id."""


class KeyOver(HeavyliftError):
    """The key is revoked or has expired, so it gets no other secret: make a new one."""


class KeysFull(HeavyliftError):
    """There are as many keys as there may be: revoke some that nobody uses."""


class BodyNotJson(HeavyliftError):
    """The body is not JSON."""


class MediaTypeWrong(HeavyliftError):
    """The body is not declared as JSON: send it with Content-Type: application/json."""


class BodyTooLarge(HeavyliftError):
    """The body is larger than this service lets in."""


class BodyEncoded(HeavyliftError):
    """The body is compressed: send it as it is, without Content-Encoding."""


class NotHttp(HeavyliftError):
    """What was sent is no request of HTTP/1.1."""


class HeadTooLarge(HeavyliftError):
    """The address and the headers of the request are larger than this service lets in."""


class ClientTooSlow(HeavyliftError):
    """The request was not there in time."""


class TooManyConnections(HeavyliftError):
    """This process has as many connections open as it may."""


class CursorInvalid(HeavyliftError):
    """The cursor is not one that this service gave out: take it from the page before, or leave it out."""


class EventIdInvalid(HeavyliftError):
    """Last-Event-ID is not the id of an event: give one that a stream or a page has shown, or leave it out."""

    def __init__(self, field: str = "Last-Event-ID") -> None:
        super().__init__(f"{field} is not the id of an event: give one that a stream or a page has shown, or leave it out")
        self.faults = (Fault(field=field, message="is not the id of an event; leave it out to be told from the beginning"),)


class NothingAcceptable(HeavyliftError):
    """Events are told as text/event-stream or as application/json; accept one of them."""


class TooManyStreams(HeavyliftError):
    """This process has as many streams open as it may."""


class IdTaken(HeavyliftError):
    """Another task has this id: give each task an id of its own, and repeat one only for the same task."""


class KeyMalformed(HeavyliftError):
    """Idempotency-Key is one text of 1 to 255 characters in double quotes, as in "8e03978e-40d5-43e8-bc93-6894a57f9324"."""


class KeyReused(HeavyliftError):
    """Idempotency-Key was used for another body: take a new key for each new request, and repeat one with the same body."""

    def __init__(self) -> None:
        super().__init__()
        self.faults = (Fault(field="Idempotency-Key", message="was used for another body; take a new key for a new request"),)


class RequestInFlight(HeavyliftError):
    """A request under this Idempotency-Key is not answered yet: repeat it in a moment, and you get the answer of that one."""


#: What is said to who wants a task of this state to begin at once.
_INSTEAD: Final = {
    State.RUNNING: "so there is nothing to wait for; cancel it, or wait for its end",
    State.FAILED: "so no other attempt follows by itself; POST /v1/tasks/{id}/replay gives it another life",
}


class TaskEnded(HeavyliftError):
    """The task has ended already."""

    def __init__(self, state: State) -> None:
        super().__init__(f"the task has ended as {state} already")
        self.state = state


class NotWaiting(HeavyliftError):
    """The task does not wait for its time."""

    def __init__(self, id_: str, state: State) -> None:
        instead = _INSTEAD.get(state, "and so has ended: submit it again as another task")
        super().__init__(f"the task is {state}, {instead.format(id=id_)}")
        self.state = state


class NotDead(HeavyliftError):
    """The task is no dead letter."""

    def __init__(self, state: State) -> None:
        super().__init__(f"the task is {state}, and only what has failed can be replayed or discarded")
        self.state = state


class PoolNotFound(HeavyliftError):
    """There is no such pool of workers; ``near`` are names that may have been meant."""

    def __init__(self, detail: str, near: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.near = tuple(near)


class NoResult(HeavyliftError):
    """The task has no result: it has not succeeded."""

    def __init__(self, state: State) -> None:
        super().__init__(f"the task is {state}, and only one that has succeeded has a result")
        self.state = state


class BatchNotFound(HeavyliftError):
    """There is no such batch."""


class QueueNotFound(HeavyliftError):
    """There is no such queue."""


class PurgeTokenInvalid(HeavyliftError):
    """The token is not one for this queue, or its time is over: ask without a token for a new one."""


class ScheduleNotFound(HeavyliftError):
    """There is no such schedule."""


class ScheduleIsAnother(HeavyliftError):
    """Somebody has changed the schedule meanwhile: read it again, and say what is to be of it now."""


class SchedulesFull(HeavyliftError):
    """There are as many schedules as there may be: drop some that nobody needs."""


class ClientGone(HeavyliftError):
    """The client has gone away without waiting for the answer."""


class Faulty(HeavyliftError):
    """Something is wrong with single fields."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


class NotReady(Faulty):
    """The service cannot do its work now."""


class SubmissionInvalid(Faulty):
    """The request has fields that are wrong."""


class PayloadUnfit(Faulty, PayloadInvalid):
    """The payload does not fit its kind."""


class KindUnknown(UnknownKind):
    """No worker has published a kind of this name; ``near`` are names that may have been meant."""

    def __init__(self, name: str, near: Sequence[str]) -> None:
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"no worker has published a kind named {name!r}{hint}")
        self.near = tuple(near)


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A row of the table: the last part of ``type``, the status, and the title that never varies."""

    name: str
    status: int
    title: str
    retry_after: str | None = None  #: Seconds after which to ask again, where that alone may help.
    closes: bool = False  #: Whether the connection ends: what follows on it is the rest of a body, which nobody reads.

    @property
    def urn(self) -> str:
        """What a program branches on."""
        return URN + self.name

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says besides."""
        if self.closes:
            return {"Connection": "close"} | ({} if self.retry_after is None else {"Retry-After": self.retry_after})
        return {} if self.retry_after is None else {"Retry-After": self.retry_after}


TABLE: Final[dict[type[BaseException], ProblemType]] = {
    NotHttp: ProblemType("not-http", 400, "This is no request.", closes=True),
    BodyNotJson: ProblemType("not-json", 400, "The body is not JSON."),
    KeyMalformed: ProblemType("idempotency-key-malformed", 400, "The Idempotency-Key is not a text in double quotes."),
    CursorInvalid: ProblemType("cursor-invalid", 400, "The cursor is not one of ours."),
    EventIdInvalid: ProblemType("event-id-invalid", 400, "The id is not that of an event."),
    Unauthenticated: ProblemType("unauthenticated", 401, "A key is asked for here."),
    ScopeMissing: ProblemType("scope-missing", 403, "The key is not good for this."),
    KeyNotFound: ProblemType("key-not-found", 404, "There is no such key."),
    TaskNotFound: ProblemType("task-not-found", 404, "There is no such task."),
    BatchNotFound: ProblemType("batch-not-found", 404, "There is no such batch."),
    QueueNotFound: ProblemType("queue-not-found", 404, "There is no such queue."),
    PoolNotFound: ProblemType("pool-not-found", 404, "There is no such pool of workers."),
    ScheduleNotFound: ProblemType("schedule-not-found", 404, "There is no such schedule."),
    UnknownKind: ProblemType("unknown-kind", 404, "There is no such kind of task."),
    NothingAcceptable: ProblemType("not-acceptable", 406, "There is no answer of a type that is accepted."),
    ClientTooSlow: ProblemType("request-too-slow", 408, "The request was not there in time.", closes=True),
    IdTaken: ProblemType("id-taken", 409, "Another task has this id."),
    RequestInFlight: ProblemType("request-in-flight", 409, "A request under this key is not answered yet.", "1"),
    TaskEnded: ProblemType("task-ended", 409, "The task has ended already."),
    NotWaiting: ProblemType("not-waiting", 409, "The task does not wait for its time."),
    NotDead: ProblemType("not-dead", 409, "The task is no dead letter."),
    PurgeTokenInvalid: ProblemType("purge-token-invalid", 409, "The token does not confirm this purge."),
    NoResult: ProblemType("no-result", 409, "The task has no result."),
    KeyOver: ProblemType("key-over", 409, "The key is revoked or has expired."),
    KeysFull: ProblemType("keys-full", 409, "There are too many keys."),
    ObjectGone: ProblemType("object-gone", 410, "It is not in the object store any more."),
    BodyTooLarge: ProblemType("body-too-large", 413, "The body is too large.", closes=True),
    SchedulesFull: ProblemType("schedules-full", 409, "There are too many schedules."),
    ScheduleIsAnother: ProblemType("schedule-changed", 412, "The schedule is of another version."),
    MediaTypeWrong: ProblemType("media-type-wrong", 415, "The body is not declared as JSON."),
    BodyEncoded: ProblemType("body-encoded", 415, "The body is compressed.", closes=True),
    SubmissionInvalid: ProblemType("request-invalid", 422, "The request has fields that are wrong."),
    KeyReused: ProblemType("idempotency-key-reused", 422, "The Idempotency-Key was used for another body."),
    PayloadInvalid: ProblemType("payload-invalid", 422, "The payload does not fit its kind."),
    QueueFull: ProblemType("queue-full", 429, "The queue is full.", "5"),
    HeadTooLarge: ProblemType("head-too-large", 431, "The head of the request is too large.", closes=True),
    ClientGone: ProblemType("client-gone", 499, "The client has gone away."),
    TooManyConnections: ProblemType("too-many-connections", 503, "Too many connections are open.", RETRY_AFTER, closes=True),
    TooManyStreams: ProblemType("too-many-streams", 503, "Too many streams are open.", RETRY_AFTER),
    NotReady: ProblemType("not-ready", 503, "The service is not ready.", RETRY_AFTER),
    NotReplicated: ProblemType("not-replicated", 503, "No replica has confirmed the task in time.", RETRY_AFTER),
    StoreUnavailable: ProblemType("store-unavailable", 503, "The store cannot be reached.", RETRY_AFTER),
    ObjectsUnavailable: ProblemType("objects-unavailable", 503, "The object store cannot be reached.", RETRY_AFTER),
    StoreRefused: ProblemType("store-refused", 503, "The store does not take this now.", RETRY_AFTER),
}

ROUTE_UNKNOWN: Final = ProblemType("route-unknown", 404, "There is nothing at this address.")
METHOD_WRONG: Final = ProblemType("method-not-allowed", 405, "This address does not know this method.")
INTERNAL: Final = ProblemType("internal", 500, "Something went wrong inside Heavylift.")


def problem_type(error: BaseException) -> ProblemType:
    """The row for an error: that of its class, or of the nearest class that it is made of."""
    return next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), INTERNAL)


def problem_response(error: BaseException, path: str) -> Response:
    """The answer to a request for ``path`` that ended in one of our errors."""
    return _response(problem_of(error, path), problem_type(error).headers | _own_headers(error))


def _own_headers(error: BaseException) -> dict[str, str]:
    if isinstance(error, QueueFull):
        return full_queue_headers(error)
    if isinstance(error, (PrimaryAwaited, StoreSilent)):
        return {"Retry-After": "1"}  # they have waited with us
    return getattr(error, "headers", {})


def full_queue_headers(error: QueueFull) -> dict[str, str]:
    """When to come again."""
    told = room_headers(Room(error.limit, 0))
    return told | {"Retry-After": str(error.retry_after), "RateLimit": f"{told['RateLimit']};t={error.retry_after}"}


def room_headers(room: Room) -> dict[str, str]:
    """What is left of the room in a queue, as draft-ietf-httpapi-ratelimit-headers-10 says it."""
    return {"RateLimit-Policy": f'"queue";q={room.limit};qu="tasks"', "RateLimit": f'"queue";r={room.left}'}


def problem_of(error: BaseException, path: str) -> Problem:
    """What is told of an error to who asked for ``path``."""
    row = problem_type(error)
    detail = str(error) if row is not INTERNAL else "The cause is in the log, under the request id of this answer."
    return Problem(
        type=row.urn,
        title=row.title,
        status=row.status,
        detail=detail,
        instance=path,
        errors=getattr(error, "faults", ()),
        near=getattr(error, "near", ()),
        state=getattr(error, "state", None),
    )


def install(app: FastAPI) -> None:
    """Let every error of the application, FastAPI's own included, be answered as a problem."""
    app.add_exception_handler(HeavyliftError, _on_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)


async def _on_error(request: Request, error: Exception) -> Response:
    return problem_response(error, request.scope["path"])


async def _on_disconnect(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return problem_response(ClientGone(), request.scope["path"])


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for nothing else
    return problem_response(SubmissionInvalid(faults_of(error.errors(), skip=1)), request.scope["path"])


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
    return http_problem(request, error)


def http_problem(request: Request, error: HTTPException) -> Response:
    """The answer to a request for what is not there."""
    row = {404: ROUTE_UNKNOWN, 405: METHOD_WRONG}.get(error.status_code, ProblemType("http", error.status_code, error.detail))
    path = request.scope["path"]
    detail = f"{request.method} {path}: {error.detail}"
    problem = Problem(type=row.urn, title=row.title, status=row.status, detail=detail, instance=path)
    headers = dict(error.headers or {})
    if row is METHOD_WRONG and (methods := _methods_at(request.app, path)):
        headers["Allow"] = ", ".join(sorted(methods))
    return _response(problem, headers)


def _methods_at(app: FastAPI, path: str) -> set[str]:
    """All methods that are known at an address: the router tells only those of the first route that it finds there."""
    paths = app.openapi()["paths"]
    matching = [known for template, known in paths.items() if compile_path(template)[0].match(path)]
    operations = [paths[path]] if path in paths else matching  # what is written out wins, as in the gate
    return {method.upper() for known in operations for method in known}


def faults_of(errors: Sequence[Any], *, skip: int = 0) -> list[Fault]:
    """Pydantic's errors by field; ``skip`` leaves out the first parts of each place, such as "query"."""
    return [Fault(field=fault.field, message=fault.message) for fault in faults.faults_of(errors, skip=skip)]


def _response(problem: Problem, headers: dict[str, str] | None) -> Response:
    return Response(problem.model_dump_json(exclude_defaults=True), problem.status, headers, MEDIA_TYPE)
