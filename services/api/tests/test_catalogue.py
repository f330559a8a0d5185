"""The catalogue as the API shows it, and the copy by which it validates."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from heavylift.catalogue import Kind
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, refused, running_api
from tests.support.eventually import eventually_async
from tests.support.kinds import ANYTHING, KINDS, THUMBNAIL, WELCOME
from tests.support.problems import problem


def _publish_text(store: RedisStore, name: str, text: str) -> None:
    store._client.hset(f"{store.partition}:catalogue", name, text)


async def test_every_published_kind_is_listed_by_name(api: InProcessApi) -> None:
    listed = (await api.get("/v1/catalogue")).json()["kinds"]

    assert [kind["name"] for kind in listed] == sorted(kind.name for kind in KINDS)


async def test_a_kind_is_shown_as_it_was_published(api: InProcessApi) -> None:
    shown = (await api.get("/v1/catalogue/mail.welcome")).json()

    assert shown["href"] == "/v1/catalogue/mail.welcome"
    assert (shown["queue"], shown["priority"], shown["timeout"], shown["form"]) == ("mail", "high", 30.0, "payload")
    assert shown["retry"] == {"max_attempts": 7, "base": 0.5, "factor": WELCOME.retry.factor, "cap": WELCOME.retry.cap}
    assert shown["payload_schema"] == WELCOME.payload_schema
    assert shown["version"] == WELCOME.version


async def test_an_unknown_kind_is_told_with_near_names(api: InProcessApi) -> None:
    assert problem(await api.get("/v1/catalogue/mail.wellcome"), 404, "unknown-kind")["near"] == ["mail.welcome"]


@refused
async def test_an_odd_name_is_unknown(refusing: InProcessApi) -> None:
    names = ["%00", "%ff", "%F0%9F%92%A5", "..%20", "x" * 255, "%22%3E%3Cscript%3E"]

    for answer in await asyncio.gather(*(refusing.get(f"/v1/catalogue/{name}") for name in names)):
        problem(answer, 404, "unknown-kind")


@refused
async def test_a_name_that_is_too_long_is_told(refusing: InProcessApi) -> None:
    problem(await refusing.get("/v1/catalogue/" + "x" * 256), 422, "request-invalid", "kind")


async def test_without_workers_there_are_no_kinds(redis_server: EmbeddedRedis, namespace: str) -> None:
    async with running_api(redis_server.url, namespace) as api:
        assert (await api.get("/v1/catalogue")).json() == {"kinds": []}
        told = problem(await api.submit(), 404, "unknown-kind")
        assert "near" not in told


async def test_a_kind_that_a_worker_publishes_later_is_found_at_once(api: InProcessApi, store: RedisStore) -> None:
    problem(await api.submit("born.later"), 404, "unknown-kind")
    store.run(calls.Publish((Kind(name="born.later"),)))

    assert (await api.submit("born.later")).status_code == 202


async def test_a_kind_that_changes_is_known_within_the_age_of_the_copy(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    async with running_api(redis_server.url, namespace, catalogue_age=0.05) as api:
        assert (await api.submit("demo.anything", payload=1)).status_code == 202
        store.run(calls.Publish((replace(ANYTHING, payload_schema={"type": "string"}),)))

        await eventually_async(
            lambda: api.submit("demo.anything", payload=1),
            holds=lambda answer: answer.status_code == 422,
            within=3,
            claim="the new schema in force",
        )


async def test_many_who_ask_for_unknown_kinds_share_few_reads(api: InProcessApi, store: RedisStore) -> None:
    def reads() -> int:
        return int(store._client.info("commandstats")["cmdstat_evalsha"]["calls"])

    await api.submit()
    before = reads()

    answers = await asyncio.gather(*(api.submit(f"no.such.{n}") for n in range(50)))

    assert {answer.status_code for answer in answers} == {404}
    assert reads() - before <= 4


async def test_known_kinds_do_not_wait_for_those_that_are_looked_for(api: InProcessApi) -> None:
    await api.submit("no.such.kind")

    unknown = asyncio.create_task(api.submit("no.such.kind"))
    known = asyncio.create_task(api.submit())
    first, _ = await asyncio.wait((unknown, known), return_when=asyncio.FIRST_COMPLETED)

    assert first == {known}
    assert (await unknown).status_code == 404


@pytest.mark.parametrize(
    "schema",
    [
        {"type": 7},
        {"$ref": "#/$defs/missing"},
        {"$ref": "http://127.0.0.1:1/schema.json"},
        {"properties": {"a": {"pattern": "("}}},
    ],
)
async def test_a_kind_whose_schema_is_none_stays_usable_because_its_worker_validates_too(
    api: InProcessApi, store: RedisStore, schema: dict[str, Any]
) -> None:
    store.run(calls.Publish((Kind(name="odd.schema", payload_schema=schema),)))

    assert (await api.submit("odd.schema", payload={"a": 1})).status_code == 202
    assert (await api.get("/v1/catalogue/odd.schema")).json()["payload_schema"] == schema


@pytest.mark.parametrize(
    "text",
    [
        "not JSON",
        "[]",
        "{}",
        json.dumps(json.loads(THUMBNAIL.to_json()) | {"executor": "quantum"}),
        json.dumps(json.loads(THUMBNAIL.to_json()) | {"retry": None}),
    ],
    ids=["no JSON", "no object", "nothing in it", "an executor to come", "no retry policy"],
)
async def test_a_kind_from_a_version_to_come_does_not_hide_the_others(api: InProcessApi, store: RedisStore, text: str) -> None:
    _publish_text(store, "from.tomorrow", text)

    told = problem(await api.submit("from.tomorrow"), 503, "store-refused")

    assert "another version" in told["detail"]
    assert (await api.submit()).status_code == 202
    assert (await api.submit("mail.welcome", payload={"to": "ada@example.com"})).status_code == 202
    assert len((await api.get("/v1/catalogue")).json()["kinds"]) == len(KINDS)


async def test_fields_that_this_version_does_not_know_are_left_aside(api: InProcessApi, store: RedisStore) -> None:
    text = json.dumps(json.loads(ANYTHING.to_json()) | {"name": "newer.kind", "flavour": "sweet"})
    _publish_text(store, "newer.kind", text)

    assert (await api.submit("newer.kind")).status_code == 202
