"""The description of the HTTP interface is what the code does, and its examples are what it describes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from heavylift_api import errors
from heavylift_api.links import SHOWN
from tests.support.described import document, validator

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"

#: What treating a schedule may be answered.
SCHEDULE = {
    *("schedule-not-found", "schedule-changed", "request-invalid", "not-replicated", "store-unavailable", "store-refused"),
}

#: Each operation, and the errors that it can give besides those of any address.
OPERATIONS = {
    "POST /v1/tasks": {
        *("not-json", "unknown-kind", "body-too-large", "media-type-wrong", "request-invalid", "payload-invalid"),
        *("id-taken", "not-replicated", "store-unavailable", "store-refused", "objects-unavailable"),
        *("idempotency-key-malformed", "idempotency-key-reused", "request-in-flight", "queue-full"),
    },
    "GET /v1/tasks": {"cursor-invalid", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/tasks/{task_id}": {"task-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/tasks/{task_id}/events": {
        *("event-id-invalid", "task-not-found", "not-acceptable", "request-invalid", "too-many-streams"),
        *("store-unavailable", "store-refused"),
    },
    "GET /v1/tasks/{task_id}/logs": {
        *("event-id-invalid", "task-not-found", "request-invalid", "store-unavailable", "store-refused"),
    },
    "GET /v1/tasks/{task_id}/payload": {
        *("task-not-found", "object-gone", "request-invalid", "store-unavailable", "store-refused", "objects-unavailable"),
    },
    "GET /v1/tasks/{task_id}/result": {
        *("task-not-found", "object-gone", "request-invalid", "store-unavailable", "store-refused", "objects-unavailable"),
        "no-result",
    },
    "POST /v1/tasks/{task_id}/cancel": {"task-not-found", "task-ended", "request-invalid", "store-unavailable", "store-refused"},
    "POST /v1/tasks/cancel": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "store-unavailable", "store-refused"),
    },
    "POST /v1/tasks/retry": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "store-unavailable", "store-refused"),
    },
    "POST /v1/tasks/{task_id}/retry": {"task-not-found", "not-waiting", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/tasks/{task_id}/why": {"task-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/tasks/{task_id}/attempts": {"task-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "POST /v1/tasks/{task_id}/replay": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "payload-invalid", "unknown-kind"),
        *("task-not-found", "not-dead", "store-unavailable", "store-refused"),
    },
    "POST /v1/batches": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid"),
        *("not-replicated", "store-unavailable", "store-refused"),
        *("idempotency-key-malformed", "idempotency-key-reused", "request-in-flight", "queue-full"),
    },
    "GET /v1/batches/{batch_id}": {"batch-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "POST /v1/batches/{batch_id}/cancel": {"batch-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/dead-letters": {"cursor-invalid", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/dead-letters/groups": {"request-invalid", "store-unavailable", "store-refused"},
    "DELETE /v1/dead-letters/{task_id}": {"task-not-found", "not-dead", "request-invalid", "store-unavailable", "store-refused"},
    "POST /v1/dead-letters/replay": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "store-unavailable", "store-refused"),
    },
    "POST /v1/dead-letters/discard": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "store-unavailable", "store-refused"),
    },
    "GET /v1/queues": {"request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/queues/{queue}": {"queue-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "POST /v1/queues/{queue}/pause": {
        *("not-json", "body-too-large", "media-type-wrong", "queue-not-found", "request-invalid"),
        *("store-unavailable", "store-refused"),
    },
    "POST /v1/queues/{queue}/resume": {"queue-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "PUT /v1/queues/{queue}/limit": {
        *("not-json", "body-too-large", "media-type-wrong", "queue-not-found", "request-invalid"),
        *("store-unavailable", "store-refused"),
    },
    "POST /v1/queues/{queue}/purge": {
        *("not-json", "body-too-large", "media-type-wrong", "queue-not-found", "request-invalid", "purge-token-invalid"),
        *("store-unavailable", "store-refused"),
    },
    "GET /v1/batches/{batch_id}/events": {
        *("event-id-invalid", "batch-not-found", "request-invalid", "too-many-streams", "store-unavailable", "store-refused"),
    },
    "GET /v1/workers": {"request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/catalogue": {"store-unavailable", "store-refused"},
    "GET /v1/catalogue/{kind}": {"unknown-kind", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/autoscaling": {"store-unavailable", "store-refused"},
    "POST /v1/autoscaling/pools/{pool}/override": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "pool-not-found"),
        *("store-unavailable", "store-refused"),
    },
    "POST /v1/autoscaling/pools/{pool}/freeze": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "pool-not-found"),
        *("store-unavailable", "store-refused"),
    },
    "POST /v1/autoscaling/freeze": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "pool-not-found"),
        *("store-unavailable", "store-refused"),
    },
    "DELETE /v1/autoscaling/pools/{pool}/steering": {"pool-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "DELETE /v1/autoscaling/steering": {"pool-not-found", "store-unavailable", "store-refused"},
    "POST /v1/keys": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "keys-full", "store-unavailable", "store-refused"),
    },
    "GET /v1/keys": {"store-unavailable", "store-refused"},
    "POST /v1/keys/{key_id}/rotate": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "key-not-found", "key-over"),
        *("store-unavailable", "store-refused"),
    },
    "DELETE /v1/keys/{key_id}": {"key-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/audit": {"cursor-invalid", "request-invalid", "store-unavailable", "store-refused"},
    "GET /v1/schedules": {"store-unavailable", "store-refused"},
    "PUT /v1/schedules/{name}": {
        *("not-json", "body-too-large", "media-type-wrong", "request-invalid", "payload-invalid", "unknown-kind"),
        *("schedule-not-found", "schedules-full", "schedule-changed", "not-replicated", "store-unavailable", "store-refused"),
    },
    "GET /v1/schedules/{name}": {"schedule-not-found", "request-invalid", "store-unavailable", "store-refused"},
    "DELETE /v1/schedules/{name}": SCHEDULE,
    "POST /v1/schedules/{name}/pause": SCHEDULE,
    "POST /v1/schedules/{name}/resume": SCHEDULE,
    "POST /v1/schedules/{name}/trigger": SCHEDULE | {"queue-full"},
    "GET /livez": set[str](),
    "GET /readyz": {"not-ready"},
    "GET /metrics": set[str](),
}


def _operations() -> dict[str, Any]:
    return {f"{m.upper()} {path}": operation for path, known in document()["paths"].items() for m, operation in known.items()}


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body that is described, of requests and answers, with a name."""
    for name, operation in _operations().items():
        answers = {status: answer.get("content", {}) for status, answer in operation["responses"].items()}
        for place, content in {"request": operation.get("requestBody", {}).get("content", {}), **answers}.items():
            for media_type, described in content.items():
                yield f"{name} {place} {media_type}", described


def test_the_description_is_the_one_that_is_published() -> None:
    published = json.loads(SNAPSHOT.read_text())

    assert published == document(), "docs/openapi.json is stale: run `make openapi`, and look at what changes for callers"


def test_the_operations_and_their_errors_are_these() -> None:
    named = {
        name: {
            row["value"]["type"].removeprefix(errors.URN)
            for answer in operation["responses"].values()
            for row in answer.get("content", {}).get(errors.MEDIA_TYPE, {}).get("examples", {}).values()
        }
        for name, operation in _operations().items()
    }

    assert named == {name: problems | _of_the_gate(name) for name, problems in OPERATIONS.items()}


def _of_the_gate(name: str) -> set[str]:
    return {"unauthenticated", "scope-missing"} if _operations()[name]["security"] else set()


def test_every_problem_type_is_told() -> None:
    named = {name for problems in OPERATIONS.values() for name in problems} | _of_the_gate("GET /v1/tasks")
    anywhere = set(re.findall(r"\(`([a-z-]+)`\)", document()["info"]["description"]))

    rows = {row.name for row in (*errors.TABLE.values(), errors.ROUTE_UNKNOWN, errors.METHOD_WRONG, errors.INTERNAL)}
    assert rows - named - anywhere == {"client-gone"}, "which nobody is there to receive"


def test_a_problem_is_shown_under_its_own_status() -> None:
    for name, described in _contents():
        for example in described.get("examples", {}).values():
            if errors.MEDIA_TYPE in name:
                assert str(example["value"]["status"]) == name.split()[2], name


def test_every_answer_that_asks_for_patience_says_how_much() -> None:
    for name, operation in _operations().items():
        if "503" in operation["responses"]:
            assert "Retry-After" in operation["responses"]["503"]["headers"], name
    assert "Retry-After" in _operations()["POST /v1/tasks"]["responses"]["409"]["headers"], "for a request that is in flight"


def test_every_example_is_what_it_is_an_example_of() -> None:
    checked = 0
    for name, described in _contents():
        for example in described.get("examples", {}).values():
            _fits(name, *_claimed(described, example["value"]))
            checked += 1
    for name, schema in document()["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            _fits(name, f"#/components/schemas/{name}", example)
            checked += 1
    assert checked > 20


def _claimed(described: dict[str, Any], example: Any) -> tuple[str, Any]:
    """The schema that an example is one of, and its value; for the event of a stream, those of what it says."""
    if "schema" in described:
        return described["schema"]["$ref"], example
    fields = dict(line.split(": ", 1) for line in example.strip().splitlines())
    if "x-events" in described:
        return described["x-events"][fields["event"]]["$ref"], json.loads(fields["data"])
    return f"#/components/schemas/{fields['event'].title()}Event", json.loads(fields["data"])


def _fits(name: str, reference: str, value: Any) -> None:
    faults = [f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in validator(reference).iter_errors(value)]
    assert faults == [], name


def test_every_schema_has_an_example() -> None:
    bare = [
        name
        for name, schema in document()["components"]["schemas"].items()
        if not schema.get("examples") and "enum" not in schema
    ]

    assert bare == []


def test_every_schema_is_one_and_is_used() -> None:
    text = json.dumps(document())
    for name, schema in document()["components"]["schemas"].items():
        jsonschema_rs.meta.validate(schema)
        assert f'"#/components/schemas/{name}"' in text, f"{name} is described and never used"


@pytest.mark.parametrize("part", ["summary", "description"])
def test_every_operation_says_what_it_does(part: str) -> None:
    assert [name for name, operation in _operations().items() if not operation.get(part)] == []


def test_every_operation_is_called_in_plain_words() -> None:
    ids = [operation["operationId"] for operation in _operations().values()]

    assert len(set(ids)) == len(ids)
    assert [id_ for id_ in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)*", id_) or "_v1_" in id_] == []


def test_what_shows_an_id_leads_to_all_that_ask_for_one() -> None:
    operations = {operation["operationId"]: (path, operation) for path, operation in _by_path()}
    for name, status, pointer, parameter in SHOWN:
        answer = operations[name][1]["responses"][status]
        targets = {target for target, (path, _) in operations.items() if f"{{{parameter}}}" in path}

        assert answer["links"].keys() == targets, name
        shape = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        example = document()["components"]["schemas"][shape]["examples"][0]
        assert isinstance(_at(pointer, example), str), f"{name}: {pointer}"


def _by_path() -> Iterator[tuple[str, dict[str, Any]]]:
    return ((path, operation) for path, known in document()["paths"].items() for operation in known.values())


def _at(pointer: str, value: Any) -> Any:
    for part in pointer.split("/")[1:]:
        value = value[int(part) if isinstance(value, list) else part]
    return value


def test_a_parameter_is_left_out_and_never_null() -> None:
    parameters = [parameter for operation in _operations().values() for parameter in operation.get("parameters", ())]

    assert [parameter["name"] for parameter in parameters if "null" in json.dumps(parameter["schema"])] == []


def test_every_parameter_of_a_query_says_what_it_does() -> None:
    silent = [
        f"{name}: {parameter['name']}"
        for name, operation in _operations().items()
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]

    assert silent == []
