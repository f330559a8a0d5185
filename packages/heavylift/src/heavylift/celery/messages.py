"""Celery's messages as submissions, and deliveries as what Celery's tracer wants. Pure."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kombu.utils.json import dumps, loads

from heavylift.errors import PayloadInvalid
from heavylift.record import Delivery, Executor, Form, Priority, Submission

#: Headers of a message that the record says itself or that only serve a person's eyes on a broker.
_SAID_ELSEWHERE = frozenset(
    {"task", "id", "eta", "expires", "form", "executor", "max_attempts", "lang", "argsrepr", "kwargsrepr", "traceparent"}
)


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
        headers=json.dumps(
            {
                "request": {name: value for name, value in headers.items() if name not in _SAID_ELSEWHERE and value is not None}
                | {name: properties.get(name) for name in ("correlation_id", "reply_to") if properties.get(name)},
                "embed": {name: value for name, value in embed.items() if value},
            },
            default=str,
        ),
    )


@dataclass(frozen=True, slots=True)
class TracerCall:
    """The arguments of Celery's ``trace_task``."""

    args: list[Any]
    kwargs: dict[str, Any]
    request: dict[str, Any]


def tracer_call(delivery: Delivery, *, hostname: str) -> TracerCall:
    """What Celery's tracer is to be called with for a delivery. Raises PayloadInvalid when the payload cannot be applied."""
    args, kwargs = _arguments(delivery)
    carried = json.loads(delivery.headers) if delivery.headers else {}
    request = {
        "root_id": delivery.id,
        **carried.get("request", {}),
        **carried.get("embed", {}),
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


def _arguments(delivery: Delivery) -> tuple[list[Any], dict[str, Any]]:
    if delivery.form is Form.PAYLOAD:
        return [json.loads(delivery.payload)], {}
    call = loads(delivery.payload)
    if not isinstance(call, dict) or not isinstance(call.get("args", []), list) or not isinstance(call.get("kwargs", {}), dict):
        raise PayloadInvalid('the payload of a Celery task is an object {"args": [...], "kwargs": {...}}')
    return call.get("args", []), call.get("kwargs", {})


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
    # As with AMQP a larger number is more urgent; Celery sends 0 for "none given".
    if not number or 4 <= number <= 6:
        return Priority.NORMAL
    return Priority.HIGH if number > 6 else Priority.LOW
