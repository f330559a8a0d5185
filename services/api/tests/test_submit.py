"""Taking tasks in: what is recorded, and what is refused by which name."""

import asyncio
import signal
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Form, Priority, Record, new_task_id
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, refused, running_api
from tests.support.eventually import eventually_async
from tests.support.kinds import KINDS
from tests.support.problems import problem
from tests.support.watched_redis import WatchedRedis

INCOMING = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _record(store: RedisStore, answer: Any) -> Record:
    assert answer.status_code == 202, answer.text
    record = store.run(calls.Read(answer.json()["id"]))
    assert record is not None
    return record


def _in(**duration: float) -> datetime:
    return datetime.now(UTC) + timedelta(**duration)


async def test_an_accepted_task_is_answered_with_where_to_follow_it(api: InProcessApi, store: RedisStore) -> None:
    answer = await api.submit()

    told = answer.json()
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert uuid.UUID(told["id"]).version == 7
    assert answer.headers["location"] == told["href"] == f"/v1/tasks/{told['id']}"
    assert (told["kind"], told["queue"], told["state"]) == ("images.thumbnail", "default", "queued")
    assert len(told["trace_id"]) == 32
    assert _record(store, answer).submitted_at == datetime.fromisoformat(told["submitted_at"])
    assert (await api.get(told["href"])).json()["id"] == told["id"]


async def test_what_is_left_out_comes_from_the_kind(api: InProcessApi, store: RedisStore) -> None:
    record = _record(store, await api.submit("mail.welcome", payload={"to": "ada@example.com"}))

    assert (record.queue, record.priority, record.executor) == ("mail", Priority.HIGH, Executor.THREADS)
    assert (record.max_attempts, record.form, record.tags) == (7, Form.PAYLOAD, ())
    assert record.state is State.QUEUED
    assert record.due_at is record.expires_at is None


async def test_what_is_given_wins_over_the_kind(api: InProcessApi, store: RedisStore) -> None:
    body = {
        "payload": {"to": "ada@example.com"},
        "queue": "slow.lane_1-b",
        "priority": "low",
        "tags": ["b", "a", "b"],
        "expires": 60,
    }

    record = _record(store, await api.submit("mail.welcome", **body))

    assert (record.queue, record.priority, record.tags) == ("slow.lane_1-b", Priority.LOW, ("b", "a"))
    assert record.expires_at is not None
    assert abs(record.expires_at - record.submitted_at - timedelta(seconds=60)) < timedelta(seconds=2)


@pytest.mark.parametrize(
    "body", ['{"kind": "demo.anything"}', '{"kind": "demo.anything", "queue": null, "eta": null, "delay": null}']
)
async def test_a_task_without_a_payload_has_an_empty_one(api: InProcessApi, store: RedisStore, body: str) -> None:
    assert _record(store, await api.submit_text(body)).payload == "{}"


async def test_a_kind_that_is_called_like_a_function_is_recorded_so(api: InProcessApi, store: RedisStore) -> None:
    record = _record(store, await api.submit("proj.add", payload={"args": [1, 2]}))

    assert (record.form, record.payload) == (Form.CALL, '{"args":[1,2]}')


@pytest.mark.parametrize("traceparent", [INCOMING, INCOMING[:-2] + "00"], ids=["sampled", "not sampled"])
async def test_a_task_belongs_to_the_trace_of_its_request(api: InProcessApi, store: RedisStore, traceparent: str) -> None:
    answer = await api.submit_text('{"kind": "demo.anything"}', traceparent=traceparent)

    assert answer.json()["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert _record(store, answer).traceparent.startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert (await api.get(answer.headers["location"])).json()["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    "traceparent", ["nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ff-" + INCOMING[3:]]
)
async def test_a_traceparent_that_is_none_begins_a_new_trace(api: InProcessApi, traceparent: str) -> None:
    trace_id = (await api.submit_text('{"kind": "demo.anything"}', traceparent=traceparent)).json()["trace_id"]

    assert len(trace_id) == 32
    assert set(trace_id) != {"0"}
    assert trace_id not in traceparent


async def test_a_delay_schedules(api: InProcessApi, store: RedisStore) -> None:
    answer = await api.submit(delay=600)

    record = _record(store, answer)
    assert (answer.json()["state"], record.state, record.queued_at) == ("scheduled", State.SCHEDULED, None)
    assert record.due_at == record.submitted_at + timedelta(seconds=600)


@pytest.mark.parametrize("offset", ["+00:00", "+14:00", "-12:00"])
async def test_an_eta_schedules_whatever_its_offset(api: InProcessApi, store: RedisStore, offset: str) -> None:
    hours = int(offset[:3])
    eta = _in(hours=1).replace(microsecond=123_000)
    written = (eta + timedelta(hours=hours)).replace(tzinfo=None).isoformat() + offset

    record = _record(store, await api.submit(eta=written))

    assert (record.state, record.due_at) == (State.SCHEDULED, eta)


async def test_a_start_of_now_queues_at_once(api: InProcessApi, store: RedisStore) -> None:
    assert _record(store, await api.submit(delay=0)).state is State.QUEUED
    assert _record(store, await api.submit(eta=_in(seconds=-1).isoformat())).state is State.QUEUED


async def test_an_eta_may_be_past_by_as_much_as_clocks_differ(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    async with running_api(redis_server.url, namespace, eta_tolerance=30) as api:
        assert (await api.submit(eta=_in(seconds=-25).isoformat())).json()["state"] == "queued"
        problem(await api.submit(eta=_in(seconds=-35).isoformat()), 422, "request-invalid", "eta")


@refused
@pytest.mark.parametrize(
    ("fields", "wrong", "word"),
    [
        ({"kind": None}, "kind", "string"),
        ({"kind": ""}, "kind", "at least 1"),
        ({"kind": "x" * 256}, "kind", "255"),
        ({"kind": 7}, "kind", "string"),
        ({"queue": "with space"}, "queue", "pattern"),
        ({"queue": ""}, "queue", "at least 1"),
        ({"queue": "q" * 65}, "queue", "64"),
        ({"queue": "line\n"}, "queue", "pattern"),
        ({"priority": "urgent"}, "priority", "'high', 'normal' or 'low'"),
        ({"delay": -1}, "delay", "greater than or equal to 0"),
        ({"delay": "5"}, "delay", "number"),
        ({"delay": True}, "delay", "number"),
        ({"delay": 10**400}, "delay", "number"),
        ({"delay": 40_000_000}, "delay", "less than or equal"),
        ({"eta": 1_800_000_000}, "eta", "2026-01-31T12:00:00Z"),
        ({"eta": "tomorrow"}, "eta", "2026-01-31T12:00:00Z"),
        ({"eta": "2999-01-31T12:00:00"}, "eta", "offset"),
        ({"eta": "2999-01-31T12:00:00Z"}, "eta", "days away"),
        ({"eta": "2001-01-31T12:00:00Z"}, "eta", "is past"),
        ({"eta": "0001-01-01T00:00:00+14:00"}, "eta", "is past"),
        ({"eta": "9999-12-31T23:59:59-14:00"}, "eta", "days away"),
        ({"eta": "2999-01-31T12:00:00Z", "delay": 5}, "eta", "not both"),
        ({"expires": 0}, "expires", "greater than 0"),
        ({"expires": 1e300}, "expires", "less than or equal"),
        ({"expires": "soon"}, "expires", "number"),
        ({"expires": 10, "delay": 10}, "expires", "longer than the delay"),
        ({"tags": "one"}, "tags", "list"),
        ({"tags": [""]}, "tags.0", "at least 1"),
        ({"tags": ["a", "b" * 129]}, "tags.1", "128"),
        ({"tags": ["a\nb"]}, "tags.0", "pattern"),
        ({"tags": [1]}, "tags.0", "string"),
        ({"tags": [f"t{n}" for n in range(17)]}, "tags", "16"),
        ({"max_attempts": 5}, "max_attempts", "not known"),
        *(
            ({"id": id_}, "id", "a UUID of version 7")
            for id_ in ("", 7, "one", "7f2b5ba1-3a3c-4c9e-8e5d-2f2f4b8f6a11", "{01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42}")
        ),
        ({"durability": "disk"}, "durability", "'memory' or 'replica'"),
        ({"a\nb": 1}, "a\nb", "not known"),
    ],
    ids=lambda value: repr(value)[:48] if isinstance(value, dict) else None,
)
async def test_a_wrong_field_is_named_with_what_it_should_be(
    refusing: InProcessApi, fields: dict[str, Any], wrong: str, word: str
) -> None:
    answer = await refusing.client.post("/v1/tasks", json={"kind": "demo.anything"} | fields)

    told = problem(answer, 422, "request-invalid", wrong)
    assert word in told["errors"][0]["message"]


@refused
async def test_an_expiry_before_the_eta_is_refused(refusing: InProcessApi) -> None:
    problem(await refusing.submit(eta=_in(hours=1).isoformat(), expires=60), 422, "request-invalid", "expires")


@refused
async def test_the_missing_kind_is_named(refusing: InProcessApi) -> None:
    assert problem(await refusing.submit_text("{}"), 422, "request-invalid", "kind")["detail"] == "kind: is missing"


@refused
async def test_every_wrong_field_is_named_at_once(refusing: InProcessApi) -> None:
    answer = await refusing.submit(queue="a b", priority="no", delay=-1, tags=["ok", ""])

    problem(answer, 422, "request-invalid", "queue", "priority", "delay", "tags.1")


async def test_the_limits_themselves_are_allowed(api: InProcessApi, store: RedisStore) -> None:
    tags = [f"{n:02}" + "ü" * 126 for n in range(16)]

    record = _record(store, await api.submit(tags=tags, queue="q" * 64, delay=31 * 12 * 86_400))

    assert record.tags == tuple(tags)


@refused
async def test_an_unknown_kind_is_told_with_the_names_that_may_have_been_meant(refusing: InProcessApi) -> None:
    told = problem(await refusing.submit("images.thumbnial"), 404, "unknown-kind")

    assert told["near"] == ["images.thumbnail"]
    assert "did you mean images.thumbnail?" in told["detail"]


@refused
async def test_no_name_is_odd_enough_to_be_anything_but_unknown(refusing: InProcessApi) -> None:
    names = ["zzz", " ", "demo.anything ", "DEMO.ANYTHING", "x" * 255, "💥", "../../etc", "{p0}"]

    answers = await asyncio.gather(*map(refusing.submit, names))

    for answer in answers:
        assert len(problem(answer, 404, "unknown-kind")["detail"]) < 300


@refused
@pytest.mark.parametrize(
    ("kind", "payload", "fields"),
    [
        ("images.thumbnail", {"source": "a.jpg", "width": 0}, ["payload.width"]),
        ("images.thumbnail", {"source": "a.jpg", "width": "1"}, ["payload.width"]),
        ("images.thumbnail", {"source": "a.jpg", "width": 1.5}, ["payload.width"]),
        ("images.thumbnail", {"source": "a.jpg", "width": -(10**400)}, ["payload.width"]),
        ("images.thumbnail", {"source": "a" * 2000, "width": 1}, ["payload.source"]),
        ("images.thumbnail", {}, ["payload.source", "payload.width"]),
        ("images.thumbnail", {"source": 1, "width": 0}, ["payload.source", "payload.width"]),
        ("images.thumbnail", {"source": "a", "width": 1, "w": 1, "h": 1}, ["payload.w", "payload.h"]),
        ("images.thumbnail", {"source": "a", "width": 1, "sizes": [{"width": 1}, {"width": "x"}]}, ["payload.sizes.1.width"]),
        ("images.thumbnail", "a string", ["payload"]),
        ("images.thumbnail", None, ["payload"]),
        ("images.thumbnail", [], ["payload"]),
        ("mail.welcome", {"to": "no address"}, ["payload.to"]),
        ("mail.welcome", {"to": "a@b@c"}, ["payload.to"]),
        ("mail.welcome", {"to": ""}, ["payload.to"]),
        ("proj.add", {"args": 1, "kwargs": []}, ["payload.args", "payload.kwargs"]),
        ("proj.add", {"x": 1}, ["payload.x"]),
    ],
)
async def test_a_payload_that_does_not_fit_is_told_with_each_field(
    refusing: InProcessApi, kind: str, payload: Any, fields: list[str]
) -> None:
    answer = await refusing.submit(kind, payload=payload)

    told = answer.json()
    assert sorted(fault["field"] for fault in told["errors"]) == sorted(fields), told
    problem(answer, 422, "payload-invalid", *(fault["field"] for fault in told["errors"]))
    assert len(answer.content) < 2000


@refused
async def test_a_thousand_faults_are_told_in_a_few_sentences(refusing: InProcessApi) -> None:
    sizes = [{"width": "wrong"}] * 1000

    answer = await refusing.submit(payload={"source": "a", "width": 1, "sizes": sizes, **{f"unknown{n}": n for n in range(1000)}})

    assert len(answer.json()["errors"]) <= 40
    assert answer.status_code == 422


async def test_a_big_integer_fits_an_integer(api: InProcessApi, store: RedisStore) -> None:
    record = _record(store, await api.submit(payload={"source": "a.jpg", "width": 10**40}))

    assert f'"width":{10**40}' in record.payload


async def test_a_refused_submission_records_nothing(api: InProcessApi, store: RedisStore) -> None:
    await api.submit(payload={})
    await api.submit("no.such.kind")
    await api.submit(delay=-1)

    assert store.run(calls.List()).records == ()


async def test_a_hundred_submissions_at_once_are_a_hundred_tasks(api: InProcessApi, store: RedisStore) -> None:
    answers = await asyncio.gather(*(api.submit() for _ in range(100)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 100
    assert len(store.run(calls.List(count=200)).records) == 100


async def test_a_task_may_bring_its_own_id(api: InProcessApi, store: RedisStore) -> None:
    id_ = new_task_id()

    answer = await api.submit(id=id_.upper())

    assert answer.json()["id"] == id_
    assert answer.headers["location"] == f"/v1/tasks/{id_}"
    assert _record(store, answer).kind == "images.thumbnail"


async def test_repeating_a_submission_with_its_id_makes_no_second_task(api: InProcessApi, store: RedisStore) -> None:
    id_ = new_task_id()
    first = await api.submit(id=id_, payload={"source": "a.jpg", "width": 1})

    again = await api.submit_text(f'{{"kind":"images.thumbnail","id":"{id_}","payload":{{"width": 1, "source": "a.jpg"}}}}')

    assert (again.status_code, again.json()) == (202, first.json())
    assert store.run(calls.Statistics()).queues[0].submitted == 1


@pytest.mark.parametrize("other", [{"kind": "demo.anything"}, {"payload": {"source": "b.jpg", "width": 1}}])
async def test_an_id_that_another_task_has_is_refused(api: InProcessApi, other: dict[str, Any]) -> None:
    id_ = new_task_id()
    await api.submit(id=id_)

    told = problem(await api.submit(id=id_, **other), 409, "id-taken")

    assert id_ in told["detail"]


async def test_durability_without_any_replica_is_refused_and_records_nothing(api: InProcessApi, store: RedisStore) -> None:
    told = problem(await api.submit(durability="replica"), 503, "store-refused")

    assert "Redis has no replica" in told["detail"]
    assert store.run(calls.List()).records == ()
    assert (await api.submit(durability="memory")).status_code == 202


async def test_what_no_replica_confirms_in_time_may_be_repeated_until_one_does() -> None:
    with WatchedRedis() as redis_:
        with RedisStore.from_url(redis_.url, namespace="durable") as store:
            store.run(calls.Publish(KINDS))
        primary = redis_.primary()
        replicas = [node for node in redis_.servers if node is not primary]
        async with running_api(redis_.url, "durable", store_settings={"durability": "replica", "replica_deadline": 0.1}) as api:
            await eventually_async(api.submit, holds=lambda a: a.status_code == 202, claim="a task on a replica")
            for node in replicas:
                node.send(signal.SIGSTOP)
            id_ = new_task_id()

            for _ in range(2):
                assert "may exist" in problem(await api.submit(id=id_), 503, "not-replicated")["detail"]
            for _ in range(2):
                problem(await api.submit(key="durable"), 503, "not-replicated")
            assert (await api.submit(durability="memory")).status_code == 202

            for node in replicas:
                node.send(signal.SIGCONT)
            answer = await eventually_async(
                lambda: api.submit(id=id_), holds=lambda a: a.status_code == 202, within=5, claim="a yes"
            )
            assert answer.json()["id"] == id_
            again = await api.submit(key="durable")
            assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")

            primary.end()
            after = await eventually_async(
                lambda: api.submit(key="durable"),
                holds=lambda a: a.status_code == 202,
                within=20,
                claim="an answer after a failover",
            )
            assert (after.content, after.headers["idempotency-replayed"]) == (again.content, "true")
