"""Celery's messages as submissions, and deliveries as what Celery's tracer wants. Pure."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from kombu.utils.json import dumps, loads

from heavylift.errors import PayloadInvalid, Undecodable
from heavylift.record import Delivery, Durability, Executor, Form, Priority, Submission

#: Headers of a message that the record says itself or that only serve a person's eyes on a broker.
_SAID_ELSEWHERE = frozenset(
    {"task", "id", "eta", "expires", "form", "executor", "max_attempts", "lang", "argsrepr", "kwargsrepr", "traceparent"}
    | {"durability"}
)

_NOTHING = (None, [None, None])  #: The second is how Celery says that a call has no time limits of its own.
#: Celery's numbers for the three lanes. As with AMQP a larger number is more urgent.
PRIORITY_NUMBERS: Final = {Priority.HIGH: 9, Priority.NORMAL: 5, Priority.LOW: 1}


def is_task(message: Mapping[str, Any]) -> bool:
    """Whether a message carries a task of Celery's protocol 2, and not a control command, a reply or an event."""
    headers = message.get("headers") or {}
    return "task" in headers and "id" in headers


def submission_of(queue: str, message: Mapping[str, Any]) -> Submission:
    """The submission that a task message asks for. Raises PayloadInvalid when its body is not JSON."""
    headers, properties = message["headers"], message.get("properties") or {}
    args, kwargs, embed = _body(message)
    form = Form(headers.get("form", Form.CALL))
    return Submission(
        id=headers["id"],
        kind=headers["task"],
        form=form,
        payload=dumps(args[0] if form is Form.PAYLOAD else {"args": args, "kwargs": kwargs}),
        queue=queue,
        executor=Executor(headers.get("executor", Executor.PROCESS)),
        priority=_priority(properties.get("priority")),
        eta=_moment(headers.get("eta")),
        expires_at=_moment(headers.get("expires")),
        max_attempts=headers.get("max_attempts") or 1,
        traceparent=headers.get("traceparent") or "",
        onward=bool(headers.get("parent_id")),  # refused, a workflow would break off in the middle
        headers=json.dumps(
            {
                "request": {
                    name: value for name, value in headers.items() if name not in _SAID_ELSEWHERE and value not in _NOTHING
                }
                | {name: properties.get(name) for name in ("correlation_id", "reply_to") if properties.get(name)},
                "embed": {name: value for name, value in embed.items() if value},
            },
            default=str,
        ),
    )


def durability_of(message: Mapping[str, Any]) -> Durability | None:
    """What a task message asks for with its header ``durability``, None where it does not. Raises PayloadInvalid."""
    asked = message["headers"].get("durability")
    try:
        return None if asked is None else Durability(asked)
    except ValueError:
        raise PayloadInvalid(f"the header durability is {' or '.join(Durability)}, not {asked!r}") from None


@dataclass(frozen=True, slots=True)
class TracerCall:
    """The arguments of Celery's ``trace_task``."""

    args: list[Any]
    kwargs: dict[str, Any]
    request: dict[str, Any]


def tracer_call(delivery: Delivery, *, hostname: str) -> TracerCall:
    """What Celery's tracer is to be called with for a delivery. Raises Undecodable when its payload or headers cannot be read."""
    args, kwargs = ([payload_of(delivery)], {}) if delivery.form is Form.PAYLOAD else _call_of(delivery)
    carried = _carried(delivery)
    request = {
        "root_id": delivery.id,
        **carried,
        "id": delivery.id,
        "task": delivery.kind,
        "args": args,
        "kwargs": kwargs,
        "retries": delivery.attempt - 1,
        "max_attempts": delivery.max_attempts,
        "fence": delivery.fence,
        "hostname": hostname,
        "delivery_info": {"routing_key": delivery.queue, "exchange": "", "redelivered": delivery.deaths > 0},
    }
    return TracerCall(args, kwargs, request)


def payload_of(delivery: Delivery) -> Any:
    """The one value that a handler is called with. Raises Undecodable."""
    with _reading("payload"):
        return json.loads(delivery.payload)


def _call_of(delivery: Delivery) -> tuple[list[Any], dict[str, Any]]:
    with _reading("payload"):
        if delivery.form is not Form.CALL:
            raise ValueError("this version does not know its form; a worker of the version that submitted it does")
        match {"args": [], "kwargs": {}} | loads(delivery.payload):
            case {"args": list() as args, "kwargs": dict() as kwargs}:
                return args, kwargs
        raise TypeError('a call is an object {"args": [...], "kwargs": {...}}')


def _carried(delivery: Delivery) -> dict[str, Any]:
    with _reading("headers"):
        carried = json.loads(delivery.headers) if delivery.headers else {}
        return {**carried.get("request", {}), **carried.get("embed", {})}


@contextmanager
def _reading(what: str) -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise Undecodable(f"the {what} cannot be read: nested too deep") from None
    except Exception as error:  # others wrote it, and whatever it is, its reader must live on
        raise Undecodable(f"the {what} cannot be read: {error}") from error


def _body(message: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any], dict[str, Any]]:
    if message.get("content-type") != "application/json":
        raise PayloadInvalid(f"only JSON is accepted, not {message.get('content-type')!r}; set task_serializer to 'json'")
    body = message["body"]
    if (message.get("properties") or {}).get("body_encoding") == "base64":
        body = base64.b64decode(body)
    args, kwargs, embed = loads(body)
    return list(args), kwargs, embed or {}


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _priority(number: int | None) -> Priority:
    # Celery sends 0 for "none given".
    if not number or 4 <= number <= 6:
        return Priority.NORMAL
    return Priority.HIGH if number > 6 else Priority.LOW
