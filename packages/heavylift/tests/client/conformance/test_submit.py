"""Handing tasks in."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from heavylift import task
from heavylift.client import DebounceKey, UniqueKey
from heavylift.client.errors import IdTaken, KeyReused, KindUnknown, PayloadUnfit, RequestInvalid
from heavylift.idempotency import While
from heavylift.record import Priority, new_task_id
from heavylift.state import State
from heavylift.store.calls import Read
from heavylift.store.redis import RedisStore


class Thumbnail(BaseModel):
    source: str
    width: int


@dataclass
class Size:
    source: str
    width: int


@task(name="images.thumbnail")
def thumbnail(payload: Thumbnail) -> dict[str, int]:
    return {"width": payload.width}


def test_what_is_submitted_is_recorded_as_it_was_meant(client: Any, clients_store: RedisStore, queue: str) -> None:
    handle = client.submit(
        "images.thumbnail",
        {"source": "a.jpg", "width": 2},
        queue=queue,
        priority="high",
        delay=timedelta(hours=1),
        expires=7200,
        tags=["order-1", "order-1", "eu"],
    )

    receipt, record = handle.receipt, clients_store.run(Read(handle.id))
    assert record is not None
    assert (receipt.id, receipt.kind, receipt.queue, receipt.state) == (handle.id, "images.thumbnail", queue, State.SCHEDULED)
    assert (receipt.existing, receipt.replayed) == (False, False)
    assert (record.priority, record.tags, record.payload) == (Priority.HIGH, ("order-1", "eu"), '{"source":"a.jpg","width":2}')
    assert record.submitted_at == receipt.submitted_at
    assert record.due_at is not None
    assert record.due_at - record.submitted_at == timedelta(hours=1)
    assert record.expires_at is not None
    assert timedelta(seconds=7190) < record.expires_at - record.submitted_at < timedelta(seconds=7210)


@pytest.mark.parametrize(
    "payload", [Thumbnail(source="a", width=1), Size("a", 1), {"source": "a", "width": 1}], ids=["model", "dataclass", "dict"]
)
@pytest.mark.parametrize("kind", [thumbnail, "images.thumbnail"], ids=["function", "name"])
def test_a_payload_may_be_a_model_a_dataclass_or_plain(client: Any, queue: str, kind: Any, payload: Any) -> None:
    handle = client.submit(kind, payload, queue=queue)

    assert handle.read().payload == {"source": "a", "width": 1}


def test_fields_may_be_given_by_their_names(client: Any, queue: str) -> None:
    assert client.submit("images.thumbnail", source="b", width=3, queue=queue).read().payload == {"source": "b", "width": 3}


def test_a_payload_and_fields_are_not_both_given(client: Any) -> None:
    with pytest.raises(RequestInvalid, match="source, too; put all into the payload"):
        client.submit("images.thumbnail", {"width": 1}, source="a")


@pytest.mark.parametrize("kind", [thumbnail, "images.thumbnail"], ids=["function", "name"])
def test_a_payload_that_does_not_fit_is_refused_field_by_field(client: Any, kind: Any) -> None:
    with pytest.raises(PayloadUnfit) as refused:
        client.submit(kind, {"source": 7})

    assert {fault.field for fault in refused.value.faults} == {"payload.source", "payload.width"}


def test_a_kind_that_nobody_has_published_is_refused_with_near_names(client: Any) -> None:
    with pytest.raises(KindUnknown, match=r"did you mean images.thumbnail") as refused:
        client.submit("images.thumbnial", source="a", width=1)

    assert "images.thumbnail" in refused.value.near


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"queue": "no spaces"}, "queue"),
        ({"delay": -1}, "delay"),
        ({"tags": ["t"] * 17}, "tags"),
        ({"priority": "urgent"}, "priority"),
        ({"delay": 10, "at": datetime(2100, 1, 1, tzinfo=UTC)}, "eta"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "eta"),
        ({"delay": 10, "expires": 5}, "expires"),
        ({"id": "7"}, "id"),
        ({"unique": UniqueKey("k", While.TTL)}, "unique"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_that_is_wrong_is_named(client: Any, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        client.submit("demo.anything", **fields)

    assert [fault.field.split(".")[0] for fault in refused.value.faults] == [wrong]


def test_a_time_without_an_offset_and_a_tag_that_is_no_list_are_refused_before_anything_is_sent(client: Any) -> None:
    with pytest.raises(RequestInvalid, match="at: says no offset from UTC"):
        client.submit("demo.anything", at=datetime(2100, 1, 1))  # noqa: DTZ001
    with pytest.raises(RequestInvalid, match='write \\["eu"\\]'):
        client.submit("demo.anything", tags="eu")


def test_the_same_idempotency_key_makes_one_task(client: Any, queue: str) -> None:
    key = uuid.uuid4().hex

    first = client.submit("demo.anything", {"n": 1}, queue=queue, idempotency_key=key)
    again = client.submit("demo.anything", {"n": 1}, queue=queue, idempotency_key=key)

    assert again.id == first.id
    assert (first.receipt.replayed, again.receipt.replayed) == (False, True)
    assert [task.id for task in client.list(queue=queue)] == [first.id]


def test_an_idempotency_key_is_for_one_request_only(client: Any, queue: str) -> None:
    key = uuid.uuid4().hex
    client.submit("demo.anything", {"n": 1}, queue=queue, idempotency_key=key)

    with pytest.raises(KeyReused):
        client.submit("demo.anything", {"n": 2}, queue=queue, idempotency_key=key)


def test_without_a_key_of_ones_own_two_submissions_are_two_tasks(client: Any, queue: str) -> None:
    assert client.submit("demo.anything", queue=queue).id != client.submit("demo.anything", queue=queue).id


def test_an_id_of_ones_own_is_the_tasks_and_nobody_elses(client: Any, queue: str) -> None:
    id_ = new_task_id()

    assert client.submit("demo.anything", {"n": 1}, id=id_, queue=queue).id == id_
    assert client.submit("demo.anything", {"n": 1}, id=id_, queue=queue).id == id_
    with pytest.raises(IdTaken):
        client.submit("demo.anything", {"n": 2}, id=id_, queue=queue)


def test_while_one_task_holds_a_unique_key_there_is_no_second(client: Any, queue: str) -> None:
    key = uuid.uuid4().hex

    first = client.submit("demo.anything", {"n": 1}, unique=key, queue=queue)
    second = client.submit("demo.anything", {"n": 2}, unique=UniqueKey(key), queue=queue)

    assert (second.id, second.receipt.existing) == (first.id, True)


def test_who_asks_again_while_a_debounced_task_waits_replaces_its_payload(client: Any, queue: str) -> None:
    key = DebounceKey(uuid.uuid4().hex, seconds=600)

    first = client.submit("demo.anything", {"n": 1}, debounce=key, queue=queue)
    again = client.submit("demo.anything", {"n": 2}, debounce=key, queue=queue)

    assert (again.id, first.receipt.debounced, again.receipt.debounced) == (first.id, False, True)
    assert first.read().payload == {"n": 2}
