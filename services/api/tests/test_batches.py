"""Batches: many tasks in one request, each item answered for itself, followed and called off as one."""

import asyncio
import json
from functools import partial
from typing import Any

import httpx
import pytest

from heavylift.batch import MOST_ITEMS
from heavylift.errors import StoreUnavailable
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from heavylift_api.batch_intake import MOST_ATOMIC
from tests.support.asgi import InProcessApi, refused, running_api
from tests.support.eventually import eventually_async
from tests.support.problems import problem

GOOD: dict[str, Any] = {"kind": "demo.anything", "payload": {"n": 1}}
BAD: dict[str, Any] = {"kind": "images.thumbnail", "payload": {"source": "a.jpg", "width": 0}}
LINES = {"Content-Type": "application/x-ndjson"}


async def _submit(api: InProcessApi, *tasks: dict[str, Any], key: str | None = None, **query: Any) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": f'"{key}"'}
    return await api.client.post("/v1/batches", json={"tasks": tasks}, headers=headers, params=query)


async def _waited_for(api: InProcessApi) -> frozenset[str]:
    return api.state["waiters"].waited_for


def _submitted(store: RedisStore) -> int:
    return sum(queue.submitted for queue in store.run(calls.Statistics()).queues)


def _work(store: RedisStore, count: int) -> None:
    store.run(calls.Register("w1", ("default",), 60, {}))
    for delivery in store.run(calls.Claim.of("w1", ("default",), count)):
        store.run(calls.Complete((Ended(delivery.id, delivery.fence, Succeeded("1")),)))


async def test_each_item_is_answered_for_itself_and_a_wrong_one_does_not_sink_the_others(
    api: InProcessApi, store: RedisStore
) -> None:
    response = await _submit(api, GOOD, BAD, {"kind": "no.such"}, {"payload": 1}, GOOD | {"delay": 60})

    told = response.json()
    assert response.status_code == 202
    assert response.headers["location"] == told["href"] == f"/v1/batches/{told['id']}"
    assert (told["items"], told["accepted"], told["refused"]) == (5, 2, 3)
    assert [item["status"] for item in told["tasks"]] == [202, 422, 404, 422, 202]
    assert [(item["problem"] or {}).get("type", "").rpartition(":")[2] for item in told["tasks"]] == [
        *("", "payload-invalid", "unknown-kind", "request-invalid", "")
    ]
    assert told["tasks"][1]["problem"]["errors"][0]["field"] == "payload.width"
    record = store.run(calls.Read(told["tasks"][0]["task"]["id"]))
    assert record is not None
    assert (record.state, record.batch, record.payload) == (State.QUEUED, told["id"], '{"n":1}')
    assert _submitted(store) == 2


async def test_the_payload_of_an_item_is_kept_as_it_was_written(api: InProcessApi, store: RedisStore) -> None:
    lines = '{"kind": "demo.anything", "payload": {"n":   1.50}}\n\n {"kind":"demo.anything","payload":"a\u2028b"}\r\n'
    response = await api.client.post("/v1/batches", content=lines, headers=LINES)
    whole = '{"tasks": [ {"kind": "demo.anything", "payload": [1e2,  2]} ,{"kind":"demo.anything"}]} '
    other = await api.client.post("/v1/batches", content=whole, headers={"Content-Type": "application/json"})

    ids = [item["task"]["id"] for answer in (response, other) for item in answer.json()["tasks"]]
    records = [store.run(calls.Read(id_)) for id_ in ids]

    assert [record.payload for record in records if record] == ['{"n":   1.50}', '"a\u2028b"', "[1e2,  2]", "{}"]


async def test_a_line_that_is_no_json_is_the_fault_of_that_line(api: InProcessApi) -> None:
    lines = [json.dumps(GOOD), '{"kind": ', "[1]", '{"kind": "demo.anything", "payload": {"a": 1, "a": 2}}', json.dumps(GOOD)]

    told = (await api.client.post("/v1/batches", content="\n".join(lines), headers=LINES)).json()

    assert [item["status"] for item in told["tasks"]] == [202, 400, 422, 422, 202]


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ("", 400, "not-json"),
        ("{", 400, "not-json"),
        ('{"tasks": [', 400, "not-json"),
        ('{"tasks": [{}', 400, "not-json"),
        ('{"tasks": [{},]}', 400, "not-json"),
        ('{"tasks": [{}] ', 400, "not-json"),
        ('{"tasks": [{}]} x', 400, "not-json"),
        ("[" * 100_000, 400, "not-json"),
        ('{"tasks": ' + "[" * 100_000, 400, "not-json"),
        (b'{"tasks": ["\xff"]}', 400, "not-json"),
        ('{"tasks": []}', 422, "request-invalid"),
        ('{"tasks": {}}', 422, "request-invalid"),
        ('{"tasks": [{}], "atomic": true}', 422, "request-invalid"),
        ('{"jobs": []}', 422, "request-invalid"),
        ("[]", 422, "request-invalid"),
        ('{"tasks": [' + ", ".join(["1"] * (MOST_ITEMS + 1)) + "]}", 422, "request-invalid"),
    ],
    ids=range(16),
)
@refused
async def test_a_body_that_is_no_batch_is_refused(refusing: InProcessApi, body: str | bytes, status: int, name: str) -> None:
    response = await refusing.client.post("/v1/batches", content=body, headers={"Content-Type": "application/json"})

    problem(response, status, name, *(["tasks"] if status == 422 else []))


@refused
async def test_a_body_of_another_type_is_refused(refusing: InProcessApi) -> None:
    told = problem(await refusing.client.post("/v1/batches", content="{}"), 415, "media-type-wrong")

    assert "application/x-ndjson" in told["detail"]


async def test_an_item_may_not_be_larger_than_a_submission(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    async with running_api(redis_server.url, namespace, body_limit=2048, batch_body_limit=10_000) as api:
        told = (await _submit(api, GOOD, GOOD | {"payload": "x" * 2048})).json()
        assert [item["status"] for item in told["tasks"]] == [202, 413]

        problem(await _submit(api, *[GOOD | {"payload": "x" * 2000}] * 6), 413, "body-too-large")
        problem(await api.submit(payload={"source": "x" * 3000, "width": 1}), 413, "body-too-large")


async def test_atomic_is_all_or_none_and_names_each_fault(api: InProcessApi, store: RedisStore) -> None:
    told = problem(
        await _submit(api, GOOD, BAD, {"kind": "no.such"}, atomic=True),
        422,
        "request-invalid",
        "tasks.1.payload.width",
        "tasks.2",
    )
    assert "no worker has published" in told["errors"][1]["message"]
    assert _submitted(store) == 0

    problem(await _submit(api, *[GOOD] * (MOST_ATOMIC + 1), atomic=True), 422, "request-invalid", "tasks")
    whole = await _submit(api, *[GOOD] * MOST_ATOMIC, atomic=True)

    assert whole.json()["accepted"] == MOST_ATOMIC
    assert _submitted(store) == MOST_ATOMIC


async def test_two_items_with_one_id_are_told_so(api: InProcessApi, store: RedisStore) -> None:
    id_ = "01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42"
    told = (await _submit(api, GOOD | {"id": id_}, GOOD | {"id": id_})).json()

    assert [item["status"] for item in told["tasks"]] == [202, 422]
    assert told["tasks"][1]["problem"]["errors"][0]["field"] == "id"

    again = (await _submit(api, GOOD | {"id": id_}, GOOD | {"id": id_, "payload": "other"})).json()
    assert [item["status"] for item in again["tasks"]] == [202, 422]
    other = (await _submit(api, {"kind": "demo.anything", "payload": "other", "id": id_})).json()
    assert [item["status"] for item in other["tasks"]] == [409]
    assert (await api.get(other["href"])).json()["ended_at"] is not None  # nothing of it is to come


async def test_a_batch_is_repeated_under_its_key_and_answered_item_by_item_as_the_first_time(
    api: InProcessApi, store: RedisStore
) -> None:
    first = await _submit(api, GOOD, BAD, GOOD | {"delay": 60}, key="one")
    await api.client.post(f"/v1/tasks/{first.json()['tasks'][2]['task']['id']}/cancel")

    again = await _submit(api, GOOD, BAD, GOOD | {"delay": 60}, key="one")

    assert again.content == first.content
    assert (first.headers.get("idempotency-replayed"), again.headers.get("idempotency-replayed")) == (None, "true")
    problem(await _submit(api, GOOD, key="one"), 422, "idempotency-key-reused", "Idempotency-Key")
    problem(
        await _submit(api, GOOD, BAD, GOOD | {"delay": 60}, key="one", atomic=True),
        422,
        "request-invalid",
        "tasks.1.payload.width",
    )
    assert (await api.submit(key="one")).status_code == 202  # a key counts within its route
    assert _submitted(store) == 3


async def test_what_a_silent_redis_left_out_is_answered_503_and_comes_with_the_repetition(
    api: InProcessApi, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, submits = AsyncRedisStore.run, 0

    async def silent_at_the_second_portion(self: AsyncRedisStore, call: Any) -> Any:
        nonlocal submits
        submits += isinstance(call, calls.SubmitEach)
        if isinstance(call, calls.SubmitEach) and submits > 1:
            raise StoreUnavailable("Redis says nothing")
        return await run(self, call)

    monkeypatch.setattr(AsyncRedisStore, "run", silent_at_the_second_portion)
    first = (await _submit(api, *[GOOD] * 450, key="one")).json()
    monkeypatch.undo()
    assert [item["status"] for item in first["tasks"]] == [202] * 200 + [503] * 250
    assert (await api.get(first["href"])).json()["expected"] == 200  # the rest is not waited for

    again = (await _submit(api, *[GOOD] * 450, key="one")).json()

    assert again["id"] == first["id"]
    assert [item["status"] for item in again["tasks"]] == [202] * 450
    assert again["tasks"][:200] == first["tasks"][:200]
    assert (await api.get(first["href"])).json()["made"] == _submitted(store) == 450


async def test_a_batch_is_followed_by_its_counts_until_it_has_ended(api: InProcessApi, store: RedisStore) -> None:
    href = (await _submit(api, *[GOOD] * 3)).json()["href"]
    waiting = asyncio.create_task(api.get(href, wait=20))
    await eventually_async(partial(_waited_for, api), within=10, claim="a request that waits")
    _work(store, 2)
    halfway = (await api.get(href)).json()
    assert (halfway["succeeded"], halfway["pending"], halfway["ended_at"]) == (2, 1, None)

    _work(store, 1)

    told = (await waiting).json()
    assert (told["succeeded"], told["pending"], told["expected"], told["made"]) == (3, 0, 3, 3)
    assert told["ended_at"] is not None
    page = (await api.get(told["links"]["tasks"])).json()
    assert {task["batch"] for task in page["tasks"]} == {told["id"]}
    assert len(page["tasks"]) == 3


async def test_a_batch_is_called_off_as_one(api: InProcessApi, store: RedisStore) -> None:
    href = (await _submit(api, *[GOOD] * 250)).json()["href"]
    store.run(calls.Register("w1", ("default",), 60, {}))
    store.run(calls.Claim.of("w1", ("default",), 2))

    told = (await api.client.post(f"{href}/cancel")).json()

    assert (told["cancelled"], told["asked"]) == (248, 2)
    assert (told["batch"]["cancelled"], told["batch"]["pending"], told["batch"]["ended_at"]) == (248, 2, None)
    again = (await api.client.post(f"{href}/cancel")).json()
    assert (again["cancelled"], again["asked"]) == (0, 0)


async def test_a_batch_that_nobody_knows_is_not_found(api: InProcessApi) -> None:
    for ask in (
        api.get("/v1/batches/nobody"),
        api.get("/v1/batches/nobody", wait=1),
        api.client.post("/v1/batches/nobody/cancel"),
    ):
        told = problem(await ask, 404, "batch-not-found")
        assert "never existed" in told["detail"]


async def test_items_that_have_a_task_already_are_told_and_not_counted_as_made(api: InProcessApi) -> None:
    unique = GOOD | {"unique": {"key": "one"}}
    (await api.submit("demo.anything", unique={"key": "one"})).raise_for_status()

    told = (await _submit(api, unique, GOOD)).json()

    assert [item["task"]["existing"] for item in told["tasks"]] == [True, False]
    view = (await api.get(told["href"])).json()
    assert (view["expected"], view["made"], view["existing"]) == (2, 1, 1)


async def test_others_have_their_turn_while_ten_thousand_items_are_read(api: InProcessApi, store: RedisStore) -> None:
    body = "\n".join([json.dumps(GOOD)] * MOST_ITEMS)
    many = asyncio.create_task(api.client.post("/v1/batches", content=body, headers=LINES))
    answered = 0
    while not many.done():
        assert (await api.submit("demo.anything")).status_code == 202
        answered += 1

    told = (await many).json()
    assert told["accepted"] == MOST_ITEMS
    assert answered > 10
    assert _submitted(store) == MOST_ITEMS + answered
