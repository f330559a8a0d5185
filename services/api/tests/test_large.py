"""Submissions that are too large for Redis: put away in an object store that speaks S3, and refused when it is not there."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import obstore
import pytest

from heavylift.access import Scope
from heavylift.claim_check import ClaimCheck
from heavylift.local.processes import free_port
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.record import Submission, new_task_id
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, running_api
from tests.support.keys import bearer, make_key
from tests.support.kinds import KINDS
from tests.support.object_stores import S3Server
from tests.support.problems import problem

KIB = 1024
LIMIT = 64 * KIB  #: Bytes that a body, and a payload that stays inline, may have in these tests.
TEXT = "ä" * LIMIT  #: Two bytes each: twice the limit.


@pytest.fixture
async def api(redis_server: EmbeddedRedis, store: RedisStore, namespace: str, s3_server: S3Server) -> AsyncIterator[InProcessApi]:
    """The API with an object store."""
    settings = s3_server.settings(namespace, inline_limit=LIMIT, largest=1024 * KIB)
    async with running_api(redis_server.url, namespace, body_limit=LIMIT, objects=settings) as running:
        yield running


def _payload(store: RedisStore, id_: str) -> str:
    record = store.run(calls.Read(id_))
    assert record is not None
    return record.payload


def _check(store: RedisStore, id_: str) -> ClaimCheck:
    check = ClaimCheck.read(_payload(store, id_))
    assert check is not None
    return check


async def test_a_payload_over_the_limit_is_put_away_and_the_record_says_where(
    api: InProcessApi, store: RedisStore, s3_server: S3Server, namespace: str
) -> None:
    written = json.dumps({"kind": "demo.anything", "payload": {"text": TEXT, "number": 1.50}}, ensure_ascii=False)

    response = await api.submit_text(written)

    assert response.status_code == 202
    check = _check(store, response.json()["id"])
    content = bytes(obstore.get(s3_server.client(namespace), check.name).bytes())
    assert content.decode() == json.dumps({"text": TEXT, "number": 1.50}, ensure_ascii=False)
    assert check.fits(content)
    assert response.json()["id"] in check.name


async def test_what_fits_stays_in_redis_whether_or_not_its_size_was_told(
    api: InProcessApi, store: RedisStore, s3_server: S3Server, namespace: str
) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        yield b'{"kind": "demo.anything", '
        yield b'"payload": [1, 2]}'

    small = await api.submit(kind="demo.anything", payload=[1, 2])
    untold = await api.client.post("/v1/tasks", content=in_pieces(), headers={"Content-Type": "application/json"})

    assert [json.loads(_payload(store, answer.json()["id"])) for answer in (small, untold)] == [[1, 2], [1, 2]]
    assert s3_server.names(namespace) == []


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"kind": "images.thumbnail", "payload": {"source": TEXT, "width": 0}}, 422, "payload.width"),
        ({"kind": "demo.anything", "payload": TEXT, "debounce": {"key": "a", "seconds": 1}}, 422, "debounce"),
        ({"kind": "demo.anythin", "payload": TEXT}, 404, "demo.anything"),
        ({"kind": "demo.anything", "payload": TEXT, "colour": "red"}, 422, "colour"),
        ({"kind": "demo.anything", "payload": 1, "tags": [TEXT]}, 413, "besides its payload"),
        ({"kind": "demo.anything", "payload": TEXT * 9}, 413, "more than"),
        ({"kind": "demo.anything", "payload": {"half": "\ud800" + TEXT}}, 422, "surrogate"),
    ],
)
async def test_what_is_refused_leaves_nothing_in_either_store(
    api: InProcessApi, store: RedisStore, s3_server: S3Server, namespace: str, body: dict[str, Any], status: int, said: str
) -> None:
    response = await api.submit_text(json.dumps(body))

    assert response.status_code == status
    assert said in response.text
    assert s3_server.names(namespace) == []
    assert store.run(calls.List()).records == ()


@pytest.mark.parametrize("text", ["{" * 2 * LIMIT, '{"kind": "demo.anything", "payload": "' + "x" * 2 * LIMIT])
async def test_a_large_body_that_is_no_json_is_told_so(api: InProcessApi, text: str) -> None:
    assert (await api.submit_text(text)).status_code == 400


async def test_a_body_that_takes_more_memory_than_there_is_is_refused_and_others_go_on(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str, s3_server: S3Server
) -> None:
    objects = s3_server.settings(namespace)
    async with running_api(redis_server.url, namespace, objects=objects, reader_memory=64) as api:
        many = '{"kind": "demo.anything", "payload": [' + ",".join(["{}"] * 1_000_000) + "]}"

        refused, taken = await asyncio.gather(api.submit_text(many), api.submit(kind="demo.anything", payload=1))

        assert (refused.status_code, taken.status_code) == (413, 202)
        assert "memory" in refused.text


async def test_a_repeated_request_is_known_by_the_digest_and_puts_nothing_away_again(
    api: InProcessApi, s3_server: S3Server, namespace: str
) -> None:
    first = await api.submit(kind="demo.anything", payload=TEXT, key="once")
    again = await api.submit(kind="demo.anything", payload=TEXT, key="once")
    other = await api.submit(kind="demo.anything", payload=TEXT + "!", key="once")

    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert other.status_code == 422
    assert len(s3_server.names(namespace)) == 1


async def test_a_task_that_is_there_already_keeps_its_object_and_the_other_one_goes(
    api: InProcessApi, store: RedisStore, s3_server: S3Server, namespace: str
) -> None:
    id_ = new_task_id()
    first = await api.submit(kind="demo.anything", payload=TEXT, id=id_)
    check = _check(store, id_)

    again = await api.submit(kind="demo.anything", payload=TEXT, id=id_)
    other = await api.submit(kind="demo.anything", payload=TEXT + "!", id=id_)

    assert (again.status_code, again.json()["id"], other.status_code) == (202, first.json()["id"], 409)
    assert s3_server.names(namespace) == [check.name]


async def test_what_redis_refuses_is_removed_again(redis_server: EmbeddedRedis, s3_server: S3Server, namespace: str) -> None:
    with EmbeddedRedis() as own, RedisStore.from_url(own.url, namespace=namespace) as store:
        store.run(calls.Publish(KINDS))
        objects = s3_server.settings(namespace, inline_limit=LIMIT)
        async with running_api(own.url, namespace, body_limit=LIMIT, objects=objects) as api:
            refused = await api.submit(kind="demo.anything", payload=TEXT, durability="replica")  # there is none

    assert refused.status_code == 503
    assert s3_server.names(namespace) == []


async def test_without_its_object_store_the_api_refuses_what_is_large_and_takes_what_is_small(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str, s3_server: S3Server
) -> None:
    objects = s3_server.settings(namespace, endpoint=f"http://127.0.0.1:{free_port()}", inline_limit=LIMIT, deadline=1.0)
    async with running_api(redis_server.url, namespace, body_limit=LIMIT, objects=objects) as api:
        large = await api.submit(kind="demo.anything", payload=TEXT)
        small = await api.submit(kind="demo.anything", payload=1)
        ready = await api.get("/readyz")

    assert ready.status_code == 200
    assert "large payloads are refused" in ready.json()["checks"]["objects"]
    assert "object store" in problem(large, 503, "objects-unavailable")["detail"]
    assert small.status_code == 202
    assert len(store.run(calls.List()).records) == 1


async def test_where_no_object_store_is_set_a_large_body_is_refused_as_ever(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    async with running_api(redis_server.url, namespace, body_limit=LIMIT) as api:
        assert (await api.submit(kind="demo.anything", payload=TEXT)).status_code == 413


def test_nobody_can_submit_a_claim_check_of_his_own(store: RedisStore) -> None:
    """What stands in a record where a JSON text would is none, and what is submitted always is one."""
    assert ClaimCheck("a", 1, "b").text[0] not in '{["-0123456789tfn \t\r\n'
    assert Submission(kind="k", payload=json.dumps(ClaimCheck("a", 1, "b").text)).payload[0] == '"'


async def _succeeded(api: InProcessApi, store: RedisStore, result: str) -> str:
    """A task with a large payload, ended with this text as its result."""
    id_: str = (await api.submit(kind="demo.anything", payload=TEXT)).json()["id"]
    store.run(calls.Register("w1", ("default",), 60.0, {}))
    (delivery,) = store.run(calls.Claim.of("w1", ("default",)))
    store.run(calls.Complete((calls.Ended(id_, delivery.fence, Succeeded(result)),)))
    return id_


async def test_what_is_too_large_to_be_shown_is_told_of_and_given_out_by_itself(
    api: InProcessApi, store: RedisStore, s3_server: S3Server, namespace: str
) -> None:
    content = json.dumps({"rows": TEXT}).encode()
    check = ClaimCheck("2026-01-01/mine", len(content), hashlib.sha256(content).hexdigest())
    obstore.put(s3_server.client(namespace), check.name, content)
    id_ = await _succeeded(api, store, check.text)

    shown = (await api.get(f"/v1/tasks/{id_}")).json()
    ended = (await api.get(f"/v1/tasks/{id_}/events?wait=1")).text

    assert (shown["payload"], shown["result"], shown["redacted"]) == (None, None, False)
    assert shown["result_object"] == {"bytes": check.size, "sha256": check.sha256, "href": f"/v1/tasks/{id_}/result"}
    assert check.sha256 in ended
    assert len(ended) < 4 * KIB
    assert (await api.get(shown["payload_object"]["href"])).json() == TEXT
    assert (await api.get(shown["result_object"]["href"])).content == content


async def test_what_is_small_is_given_out_by_itself_as_well(api: InProcessApi, store: RedisStore) -> None:
    id_ = (await api.submit(kind="demo.anything", payload=[1, "ä"])).json()["id"]

    assert (await api.get(f"/v1/tasks/{id_}/payload")).json() == [1, "ä"]
    problem(await api.get(f"/v1/tasks/{id_}/result"), 409, "no-result")
    problem(await api.get(f"/v1/tasks/{new_task_id()}/payload"), 404, "task-not-found")


async def test_what_is_not_in_the_object_store_any_more_is_told_to_be_gone(
    api: InProcessApi, s3_server: S3Server, namespace: str
) -> None:
    id_ = (await api.submit(kind="demo.anything", payload=TEXT)).json()["id"]
    (name,) = s3_server.names(namespace)
    obstore.delete(s3_server.client(namespace), name)

    problem(await api.get(f"/v1/tasks/{id_}/payload"), 410, "object-gone")


async def test_a_link_leads_to_the_object_without_a_key(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str, s3_server: S3Server
) -> None:
    objects = s3_server.settings(namespace, inline_limit=LIMIT)
    async with running_api(redis_server.url, namespace, body_limit=LIMIT, objects=objects, hand_out="link") as api:
        id_ = (await api.submit(kind="demo.anything", payload=TEXT)).json()["id"]

        sent_on = await api.get(f"/v1/tasks/{id_}/payload")

    assert (sent_on.status_code, sent_on.headers["cache-control"]) == (307, "no-store")
    async with httpx.AsyncClient() as anybody:
        assert (await anybody.get(sent_on.headers["location"])).json() == TEXT


async def test_who_may_not_see_payloads_is_given_none(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str, s3_server: S3Server
) -> None:
    admin, reader = make_key(store, Scope.ADMIN), make_key(store, Scope.READ)
    objects = s3_server.settings(namespace, inline_limit=LIMIT)
    async with running_api(redis_server.url, namespace, body_limit=LIMIT, objects=objects, auth="on", hand_out="link") as api:
        body = json.dumps({"kind": "demo.anything", "payload": TEXT})
        id_ = (await api.submit_text(body, **bearer(admin))).json()["id"]

        shown = await api.client.get(f"/v1/tasks/{id_}", headers=bearer(reader))
        given = await api.client.get(f"/v1/tasks/{id_}/payload", headers=bearer(reader))

    assert (shown.json()["payload"], shown.json()["payload_object"], shown.json()["redacted"]) == (None, None, True)
    problem(given, 403, "scope-missing")
