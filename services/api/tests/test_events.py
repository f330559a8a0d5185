"""The events of a task, asked for and answered."""

import asyncio
import json
from typing import Any

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.store import calls
from heavylift.store.calls import Ended, Memo
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, refused, running_api
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually_async
from tests.support.problems import problem

PAGE = {"Accept": "application/json"}


def run_one(store: RedisStore) -> str:
    """A task that says how far it is and succeeds."""
    submit(store)
    register(store)
    (delivery,) = claim(store)
    store.run(calls.Remember((Memo.progress(delivery.id, delivery.fence, {"done": 1.0, "total": 2.0, "message": None}),)))
    store.run(calls.Complete((Ended(delivery.id, delivery.fence, Succeeded('{"sum": 3}')),)))
    return delivery.id


def blocks(text: str) -> list[dict[str, str]]:
    """The fields of each event."""
    events = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    return [event for event in events if "event" in event]


async def page(api: InProcessApi, id_: str, **query: Any) -> Any:
    answer = await api.client.get(f"/v1/tasks/{id_}/events", params=query, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_who_comes_after_the_end_is_told_everything_and_the_stream_ends(api: InProcessApi, store: RedisStore) -> None:
    id_ = run_one(store)

    answer = await api.get(f"/v1/tasks/{id_}/events")

    told = blocks(answer.text)
    assert [(event["id"], event["event"]) for event in told] == [
        ("0.0", "state"),
        ("1.0", "state"),
        ("1.1.0.1", "progress"),
        ("1.4", "state"),
        ("1.4.0.1", "end"),
    ]
    end = json.loads(told[-1]["data"])
    assert (end["id"], end["state"], end["result"]) == (id_, "succeeded", {"sum": 3})
    assert "payload" not in end
    assert answer.text.startswith("retry: ")


async def test_nothing_on_the_way_keeps_a_stream_back_or_changes_it(api: InProcessApi, store: RedisStore) -> None:
    answer = await api.get(f"/v1/tasks/{run_one(store)}/events")

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("how", ["header", "query", "both"])
async def test_who_comes_back_is_told_what_follows_the_last_event(api: InProcessApi, store: RedisStore, how: str) -> None:
    id_ = run_one(store)
    headers = {"Last-Event-ID": "1.1.0.1"} if how != "query" else {}
    query = {"query": {"after": "1.1.0.1"}, "both": {"after": "0.0"}}.get(how, {})

    answer = await api.client.get(f"/v1/tasks/{id_}/events", params=query, headers=headers)

    assert [event["id"] for event in blocks(answer.text)] == ["1.4", "1.4.0.1"]


async def test_who_knows_the_end_is_told_to_come_back_no_more(api: InProcessApi, store: RedisStore) -> None:
    answer = await api.client.get(f"/v1/tasks/{run_one(store)}/events", headers={"Last-Event-ID": "1.4.0.1"})

    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_replayed_task_is_followed_on_from_the_end_of_its_first_life(api: InProcessApi, store: RedisStore) -> None:
    submit(store)
    register(store)
    (delivery,) = claim(store)
    store.run(calls.HandOn("w1", "SIGKILL", blame=True, max_deaths=1))
    (*_, end) = blocks((await api.get(f"/v1/tasks/{delivery.id}/events")).text)
    store.run(calls.Replay((delivery.id,)))
    register(store)
    (again,) = claim(store)
    store.run(calls.Complete((Ended(again.id, again.fence, Succeeded("1")),)))

    answer = await api.client.get(f"/v1/tasks/{delivery.id}/events", headers={"Last-Event-ID": end["id"]})

    told = [(event["id"], json.loads(event["data"])["state"]) for event in blocks(answer.text)]
    assert told == [("1.5", "queued"), ("2.0", "running"), ("2.4", "succeeded"), ("2.4.0.1", "succeeded")]


async def test_a_page_is_answered_as_soon_as_there_is_something_new(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)
    register(store)
    first = await page(api, id_)
    assert [event["id"] for event in first["events"]] == ["0.0"]
    waiting = asyncio.create_task(page(api, id_, after=first["after"], wait=20))
    await eventually_async(lambda: _watched(store, id_), claim="somebody waits")

    claim(store)

    async with asyncio.timeout(5):
        second = await waiting
    assert [(event["id"], event["data"]["state"]) for event in second["events"]] == [("1.0", "running")]
    assert (second["after"], second["over"]) == ("1.0", False)


async def test_a_page_is_empty_when_the_wait_is_over(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)

    assert await page(api, id_, after="0.0", wait=0.1) == {"events": [], "after": "0.0", "over": False}


async def test_who_waits_for_a_page_is_answered_when_the_process_is_to_end(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)
    waiting = asyncio.create_task(page(api, id_, after="0.0", wait=60))
    await eventually_async(lambda: _watched(store, id_), claim="somebody waits")

    api.state["waiters"].drain()

    async with asyncio.timeout(3):
        assert (await waiting)["events"] == []


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream, application/json", "text/event-stream"),
        ("*/*", "text/event-stream"),
        ("application/json, */*;q=0.1", "application/json"),
        ("application/json;q=0.9", "application/json"),
    ],
)
async def test_what_is_accepted_decides_what_is_answered(
    api: InProcessApi, store: RedisStore, accept: str, answered: str
) -> None:
    answer = await api.client.get(f"/v1/tasks/{run_one(store)}/events", headers={"Accept": accept})

    assert answer.headers["content-type"].split(";")[0] == answered


async def test_beyond_the_limit_of_streams_the_answer_is_to_come_back_later(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    (id_,) = submit(store)
    async with running_api(redis_server.url, namespace, streams=0) as api:
        problem(await api.get(f"/v1/tasks/{id_}/events"), 503, "too-many-streams")


@refused
async def test_a_task_that_is_not_there_has_no_events(refusing: InProcessApi) -> None:
    problem(await refusing.get("/v1/tasks/nobody/events"), 404, "task-not-found")


@refused
@pytest.mark.parametrize("text", ["latest", "1", "1.2.3.4.5", "-1.0", "1.0 ", "٣.0", "9" * 40 + ".0"])
async def test_an_id_that_is_none_is_told_with_its_field(refusing: InProcessApi, text: str) -> None:
    headers = {"Last-Event-ID": text.encode()}

    problem(await refusing.client.get("/v1/tasks/nobody/events", params={"after": text}), 400, "event-id-invalid", "after")
    if text.isascii() and text.strip() == text:
        refusal = await refusing.client.get("/v1/tasks/nobody/events", headers=headers)
        problem(refusal, 400, "event-id-invalid", "Last-Event-ID")


@refused
async def test_an_id_that_is_none_is_told_also_beside_one_that_counts_more(refusing: InProcessApi) -> None:
    refusal = await refusing.client.get("/v1/tasks/nobody/events", params={"after": "x"}, headers={"Last-Event-ID": "1.0"})

    problem(refusal, 400, "event-id-invalid", "after")


@refused
async def test_who_accepts_neither_is_told_what_there_is(refusing: InProcessApi) -> None:
    refusal = await refusing.client.get("/v1/tasks/nobody/events", headers={"Accept": "application/xml"})

    assert "text/event-stream" in problem(refusal, 406, "not-acceptable")["detail"]


async def _watched(store: RedisStore, id_: str) -> bool:
    return ":changes:" in (store._client.hget(f"{store.partition}:task:{id_}", "watchers") or "")
