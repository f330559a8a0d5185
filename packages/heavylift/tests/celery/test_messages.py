"""Celery's messages as submissions and back, without a broker."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from heavylift.celery.messages import durability_of, is_task, submission_of, tracer_call
from heavylift.errors import PayloadInvalid, Undecodable
from heavylift.record import Delivery, Durability, Form, Priority

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def message(body: Any = ((1,), {"y": 2}, {"chain": None}), **headers: Any) -> dict[str, Any]:
    return {
        "body": base64.b64encode(json.dumps(body).encode()).decode(),
        "content-type": "application/json",
        "headers": {"task": "proj.add", "id": "0-1", "root_id": "r", "retries": 0, **headers},
        "properties": {"body_encoding": "base64", "correlation_id": "0-1", "priority": 0},
    }


def delivery(**more: Any) -> Delivery:
    fields = {"id": "0-1", "kind": "proj.add", "payload": "{}", "form": Form.CALL, "queue": "q", "fence": 4, "attempt": 3}
    times = {"submitted_at": NOW, "queued_at": NOW, "started_at": NOW}
    return Delivery(**(fields | times | {"max_attempts": 5, "deaths": 1, "traceparent": "", "headers": ""} | more))


def test_control_commands_and_events_are_no_tasks() -> None:
    assert is_task(message())
    assert not is_task({"headers": {"clock": 1, "expires": 2}, "body": ""})
    assert not is_task({"headers": None})


def test_a_call_keeps_its_arguments_and_what_celery_needs_of_its_headers() -> None:
    submission = submission_of("mail", message(parent_id="p", argsrepr="(1,)", group="g"))

    assert (submission.id, submission.kind, submission.queue, submission.form) == ("0-1", "proj.add", "mail", Form.CALL)
    assert json.loads(submission.payload) == {"args": [1], "kwargs": {"y": 2}}
    carried = json.loads(submission.headers)["request"]
    assert (carried["parent_id"], carried["group"], carried["correlation_id"]) == ("p", "g", "0-1")
    assert "argsrepr" not in carried


def test_durability_is_asked_for_by_a_header_that_is_not_kept() -> None:
    asked = message(durability="replica")

    assert durability_of(asked) is Durability.REPLICA
    assert durability_of(message()) is None
    assert "durability" not in submission_of("q", asked).headers


def test_a_handlers_message_is_its_payload_alone() -> None:
    submission = submission_of("q", message(([{"a": 1}], {}, {}), form="payload", max_attempts=4))

    assert (submission.form, submission.payload, submission.max_attempts) == (Form.PAYLOAD, '{"a": 1}', 4)


def test_eta_and_expiry_are_points_in_time() -> None:
    submission = submission_of("q", message(eta="2026-05-01T10:00:00+02:00", expires="2026-05-02T00:00:00"))

    assert submission.eta == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert submission.expires_at == datetime(2026, 5, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "lane"), [(None, "normal"), (0, "normal"), (1, "low"), (3, "low"), (5, "normal"), (7, "high"), (9, "high")]
)
def test_a_larger_priority_is_more_urgent_and_none_is_normal(number: int | None, lane: str) -> None:
    published = message()
    published["properties"]["priority"] = number

    assert submission_of("q", published).priority is Priority(lane)


def test_anything_but_json_is_refused() -> None:
    with pytest.raises(PayloadInvalid, match="only JSON is accepted"):
        submission_of("q", message() | {"content-type": "application/x-python-serialize"})


def test_the_tracer_gets_the_request_that_it_would_have_had() -> None:
    headers = json.dumps({"request": {"root_id": "r", "parent_id": "p"}, "embed": {"chain": [{"task": "proj.next"}]}})
    call = tracer_call(delivery(payload='{"args": [1], "kwargs": {"y": 2}}', headers=headers), hostname="w@h")

    assert (call.args, call.kwargs) == ([1], {"y": 2})
    assert call.request["retries"] == 2
    assert call.request["root_id"] == "r"
    assert call.request["chain"] == [{"task": "proj.next"}]
    assert call.request["delivery_info"]["redelivered"] is True


def test_a_payload_is_the_only_argument() -> None:
    call = tracer_call(delivery(form=Form.PAYLOAD, payload='{"a": 1}'), hostname="w@h")

    assert (call.args, call.kwargs) == ([{"a": 1}], {})


@pytest.mark.parametrize("payload", ['{"args": 1}', '{"args": [], "kwargs": []}'])
def test_a_payload_that_is_no_call_is_named(payload: str) -> None:
    with pytest.raises(Undecodable, match="args"):
        tracer_call(delivery(payload=payload), hostname="w@h")


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "what",
    [
        {"form": Form.PAYLOAD, "payload": "{"},
        {"form": Form.PAYLOAD, "payload": DEEP},
        {"form": Form.UNKNOWN, "payload": "{}"},
        {"payload": "not json"},
        {"payload": "[]"},
        {"payload": DEEP},
        {"payload": '{"args": [{"__type__": "uuid", "__value__": {"hex": "no uuid"}}]}'},
        {"headers": "{"},
        {"headers": "[]"},
        {"headers": "7"},
        {"headers": '{"request": 7}'},
        {"headers": DEEP},
    ],
    ids=lambda what: " ".join(f"{name}={value[:40]}" for name, value in what.items()),
)
def test_whatever_cannot_be_read_is_said_to_be_undecodable(what: dict[str, Any]) -> None:
    with pytest.raises(Undecodable, match=r"^the (payload|headers) cannot be read: ."):
        tracer_call(delivery(**what), hostname="w@h")
