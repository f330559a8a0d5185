"""Dead letters over HTTP."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from heavylift.access import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure, Retry
from heavylift.state import FailureReason, State
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from tests.support.asgi import JSON, InProcessApi, refused, running_api
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually_async
from tests.support.keys import bearer, make_key
from tests.support.problems import problem

TORN = Failure("OSError", "it tore", retryable=True, traceback="Traceback: …")
WORN = Failure("ValueError", "it wore out", retryable=False)


def die(store: RedisStore, count: int = 1, error: Failure = TORN, **fields: Any) -> list[str]:
    """Let this many tasks fail, each at a moment of its own."""
    register(store)
    ids = submit(store, count, **fields)
    reason = FailureReason.EXHAUSTED if error is TORN else FailureReason.PERMANENT
    store.run(calls.Complete(tuple(Ended(d.id, d.fence, Failed(error, reason)) for d in claim(store, count))))
    return ids


async def _is_watched(store: RedisStore, id_: str) -> bool:
    return bool(store._client.hget(f"{store.partition}:task:{id_}", "watchers"))


async def post(api: InProcessApi, path: str, **body: Any) -> dict[str, Any]:
    """Ask for something to be done with many."""
    answer = await api.client.post(f"/v1/dead-letters/{path}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_task_that_failed_says_why_and_where_to_go_on(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = die(store)
    (alive,) = submit(store)

    task = (await api.get(f"/v1/tasks/{id_}")).json()

    assert (task["state"], task["reason"], task["fingerprint"]) == ("failed", "exhausted", TORN.fingerprint)
    assert task["links"]["replay"] == f"/v1/tasks/{id_}/replay"
    other = (await api.get(f"/v1/tasks/{alive}")).json()
    assert (other["reason"], other["fingerprint"], "replay" in other["links"]) == (None, None, False)


async def test_dead_letters_are_listed_page_by_page(api: InProcessApi, store: RedisStore) -> None:
    ids = die(store, 5)
    address, seen = "/v1/dead-letters?limit=2", []

    while address:
        page = (await api.get(address)).json()
        seen += [task["id"] for task in page["tasks"]]
        address = page["next"]

    assert seen == ids[::-1]


async def test_filters_select_and_stay_in_the_address_of_the_next_page(api: InProcessApi, store: RedisStore) -> None:
    die(store, 3, WORN)
    torn = die(store, 4)
    since = store.run(calls.Read(torn[0])).ended_at - timedelta(seconds=1)  # type: ignore[union-attr, operator]

    page = (await api.get("/v1/dead-letters", reason="exhausted", since=since.isoformat(), limit=3)).json()
    assert [task["id"] for task in page["tasks"]] == torn[:0:-1]
    rest = (await api.get(page["next"])).json()

    assert [task["id"] for task in rest["tasks"]] == torn[:1]
    assert (await api.get("/v1/dead-letters", fingerprint=WORN.fingerprint)).json()["tasks"][0]["error"]["type"] == "ValueError"
    assert (await api.get("/v1/dead-letters", kind="demo.nobody")).json() == {"tasks": [], "cursor": None, "next": None}


async def test_what_fails_most_is_told_with_where_to_find_it(api: InProcessApi, store: RedisStore) -> None:
    worn = die(store, 2, WORN)
    torn = die(store, 3)

    told = (await api.get("/v1/dead-letters/groups")).json()

    assert [(group["count"], group["reason"], group["error_type"]) for group in told["groups"]] == [
        (3, "exhausted", "OSError"),
        (2, "permanent", "ValueError"),
    ]
    assert (told["groups"][0]["message"], told["more"]) == ("it tore", False)
    assert told["groups"][0]["links"]["last"] == f"/v1/tasks/{torn[-1]}"
    listed = (await api.get(told["groups"][1]["links"]["tasks"])).json()
    assert [task["id"] for task in listed["tasks"]] == worn[::-1]
    assert len((await api.get("/v1/dead-letters/groups", limit=1)).json()["groups"]) == 1


async def test_the_attempts_of_a_task_are_told(api: InProcessApi, store: RedisStore) -> None:
    register(store)
    (id_,) = submit(store)
    (first,) = claim(store)
    store.run(calls.Reschedule((Ended(id_, first.fence, Retry(0, TORN)),)))
    store.run(calls.Promote())
    (second,) = claim(store)
    store.run(calls.Complete((Ended(id_, second.fence, Failed(WORN)),)))
    (fresh,) = submit(store)

    attempts = (await api.get(f"/v1/tasks/{id_}/attempts")).json()["attempts"]

    assert [(a["attempt"], a["run"], a["fate"], a["error_type"], a["worker"]) for a in attempts] == [
        (1, 1, "retried", "OSError", "w1"),
        (2, 2, "failed", "ValueError", "w1"),
    ]
    assert (await api.get(f"/v1/tasks/{fresh}/attempts")).json() == {"attempts": []}
    problem(await api.get("/v1/tasks/no-such-task/attempts"), 404, "task-not-found")


async def test_a_dead_letter_is_replayed_once_however_often_one_asks(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = die(store)

    answer = await api.client.post(f"/v1/tasks/{id_}/replay")

    assert (answer.status_code, answer.json()["state"], answer.json()["attempt"]) == (200, "queued", 1)
    told = problem(await api.client.post(f"/v1/tasks/{id_}/replay"), 409, "not-dead")
    assert (told["state"], told["detail"]) == (
        "queued",
        "the task is queued, and only what has failed can be replayed or discarded",
    )
    assert len(claim(store, 5)) == 1


async def test_a_dead_letter_is_replayed_with_another_payload_and_history_has_the_one_before(
    api: InProcessApi, store: RedisStore
) -> None:
    (id_,) = die(store, kind="images.thumbnail", payload='{"source": "photo.jpg", "width": 0}')

    body = '{"payload": {"source": "photo-2.jpg",  "width": 12345678901234567890}}'
    answer = await api.client.post(f"/v1/tasks/{id_}/replay", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["state"], answer.json()["id"]) == (200, "queued", id_)
    (delivery,) = claim(store)
    assert (delivery.id, delivery.payload) == (id_, '{"source": "photo-2.jpg",  "width": 12345678901234567890}')
    failed, replayed = (await api.get(f"/v1/tasks/{id_}/attempts")).json()["attempts"]
    assert (failed["fate"], failed["edited"], failed["former_payload"]) == ("failed", False, None)
    assert (replayed["fate"], replayed["edited"]) == ("replayed", True)
    assert replayed["former_payload"] == {"source": "photo.jpg", "width": 0}
    story = (await api.client.get(f"/v1/tasks/{id_}/events", headers={"Accept": "application/json"})).json()["events"]
    assert [event["data"]["edited"] for event in story if event["data"].get("fate") == "replayed"] == [True]
    (entry,) = (await api.get("/v1/audit", target=id_)).json()["entries"]
    assert (entry["action"], entry["details"]) == ("task.replay", {"edited": True})


@pytest.mark.parametrize(
    ("kind", "body", "status", "name", "fields"),
    [
        ("images.thumbnail", {"payload": {"source": "a.jpg", "width": "wide"}}, 422, "payload-invalid", ("payload.width",)),
        ("images.thumbnail", {"payload": None}, 422, "payload-invalid", ("payload",)),
        ("images.thumbnail", {"payload": {}, "queue": "other"}, 422, "request-invalid", ("queue",)),
        ("images.thumbnail", [], 422, "request-invalid", ("body",)),
        ("demo.forgotten", {"payload": {}}, 404, "unknown-kind", ()),
    ],
)
async def test_a_payload_that_does_not_fit_lets_a_dead_letter_lie(
    api: InProcessApi, store: RedisStore, kind: str, body: Any, status: int, name: str, fields: tuple[str, ...]
) -> None:
    (id_,) = die(store, kind=kind, payload='{"n": 1}')

    problem(await api.client.post(f"/v1/tasks/{id_}/replay", json=body), status, name, *fields)

    record = store.run(calls.Read(id_))
    assert record is not None
    assert (record.state, record.payload) == (State.FAILED, '{"n": 1}')


async def test_an_empty_object_changes_no_payload(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = die(store, payload='{"n": 1}')

    answer = await api.client.post(f"/v1/tasks/{id_}/replay", json={})

    assert (answer.status_code, answer.json()["payload"]) == (200, {"n": 1})
    assert [past.edited for past in store.run(calls.ReadHistory(id_))] == [False, False]


async def test_only_a_dead_letter_is_replayed_with_another_payload(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store, kind="demo.anything")

    problem(await api.client.post(f"/v1/tasks/{id_}/replay", json={"payload": 1}), 409, "not-dead")
    problem(await api.client.post("/v1/tasks/none/replay", json={"payload": 1}), 404, "task-not-found")


async def test_who_may_not_submit_may_replay_and_not_with_a_payload_of_its_own(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    (id_,) = die(store, kind="demo.anything", tenant="acme")
    operator, other = (make_key(store, Scope.OPERATE, tenant=tenant) for tenant in ("acme", "other"))
    author = make_key(store, Scope.OPERATE, Scope.SUBMIT, Scope.READ, tenant="acme")
    async with running_api(redis_server.url, namespace, auth="on") as api:
        path, edit = f"/v1/tasks/{id_}/replay", {"payload": {"secret": 1}}

        problem(await api.client.post(path, json=edit, headers=bearer(operator)), 403, "scope-missing")
        problem(await api.client.post(path, headers=bearer(other)), 404, "task-not-found")
        assert (await api.client.post(path, json=edit, headers=bearer(author))).status_code == 200

        attempts = (await api.client.get(f"/v1/tasks/{id_}/attempts", headers=bearer(author))).json()["attempts"]
        assert (attempts[1]["edited"], attempts[1]["former_payload"]) == (True, None), "it may not see payloads"


async def test_who_waits_for_the_second_end_hears_of_it(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = die(store)
    await api.client.post(f"/v1/tasks/{id_}/replay")
    (delivery,) = claim(store)
    waiting = asyncio.create_task(api.get(f"/v1/tasks/{id_}", wait=20))
    await eventually_async(lambda: _is_watched(store, id_), claim="the poll has begun")
    store.run(calls.Complete((Ended(id_, delivery.fence, Failed(WORN, FailureReason.PERMANENT)),)))

    assert (await asyncio.wait_for(waiting, 5)).json()["reason"] == "permanent"


async def test_a_discarded_task_is_shown_for_the_last_time(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = die(store)

    answer = await api.client.delete(f"/v1/dead-letters/{id_}")

    assert (answer.status_code, answer.json()["id"], answer.json()["error"]["message"]) == (200, id_, "it tore")
    problem(await api.get(f"/v1/tasks/{id_}"), 404, "task-not-found")
    problem(await api.client.delete(f"/v1/dead-letters/{id_}"), 404, "task-not-found")


async def test_only_dead_letters_are_discarded(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)

    assert problem(await api.client.delete(f"/v1/dead-letters/{id_}"), 409, "not-dead")["state"] == "queued"
    assert (await api.get(f"/v1/tasks/{id_}")).status_code == 200


async def test_a_dry_run_says_what_would_happen_and_does_nothing(api: InProcessApi, store: RedisStore) -> None:
    ids = die(store, 12)

    for path in ("replay", "discard"):
        told = await post(api, path, kind="demo.work", dry_run=True)
        assert (told["matched"], told["changed"], told["dry_run"], told["sample"]) == (12, 0, True, ids[:10])

    assert len((await api.get("/v1/dead-letters")).json()["tasks"]) == 12


async def test_all_that_fit_are_replayed_at_a_rate(api: InProcessApi, store: RedisStore) -> None:
    die(store, 2, WORN)
    torn = die(store, 4)

    told = await post(api, "replay", fingerprint=TORN.fingerprint, rate=0.5, limit=3)

    assert (told["matched"], told["changed"], told["more"]) == (3, 3, True)
    records = [(await api.get(f"/v1/tasks/{id_}")).json() for id_ in torn]
    assert [record["state"] for record in records] == ["queued", "scheduled", "scheduled", "failed"]
    assert records[2]["due_at"] == told["last_due"]


async def test_all_that_fit_are_discarded_and_nothing_else(api: InProcessApi, store: RedisStore) -> None:
    worn = die(store, 2, WORN)
    die(store, 4)

    assert (await post(api, "discard", reason="exhausted"))["changed"] == 4

    listed = (await api.get("/v1/dead-letters")).json()["tasks"]
    assert [task["id"] for task in listed] == worn[::-1]


async def test_everything_is_only_meant_when_it_is_said(api: InProcessApi, store: RedisStore) -> None:
    die(store, 2)

    for body in ({}, {"limit": 5}, {"all": False}):
        problem(await api.client.post("/v1/dead-letters/discard", json=body), 422, "request-invalid", "all")
    problem(await api.client.post("/v1/dead-letters/replay", json={"all": True, "kind": "a"}), 422, "request-invalid", "all")
    assert (await post(api, "discard", all=True))["changed"] == 2


async def test_what_was_done_is_counted_for_prometheus(api: InProcessApi, store: RedisStore) -> None:
    ids = die(store, 5)
    await api.client.post(f"/v1/tasks/{ids[0]}/replay")
    await post(api, "discard", kind="demo.work", limit=2)

    lines = (await api.get("/metrics")).text.splitlines()

    assert 'heavylift_dead_letters{messaging_destination_name="default",reason="exhausted"} 2.0' in lines
    for outcome, count in (("failed", 5), ("replayed", 1), ("discarded", 2), ("dropped", 0)):
        line = f'task_queue_lifetime_messages_total{{messaging_destination_name="default",outcome="{outcome}"}} {count}.0'
        assert line in lines


@refused
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"reason": "boredom"}, "reason"),
        ({"fingerprint": "XYZ"}, "fingerprint"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-01-31T12:00:00"}, "since"),
        ({"until": "2026-01-31T12:00:00Z", "since": "2026-01-31T12:00:00Z"}, "until"),
        ({"limit": "0"}, "limit"),
        ({"order": "asc"}, "order"),
    ],
)
async def test_a_wrong_filter_is_named(refusing: InProcessApi, query: dict[str, str], field: str) -> None:
    for path in ("/v1/dead-letters", "/v1/dead-letters/groups"):
        problem(await refusing.get(path, **query), 422, "request-invalid", field)


@refused
async def test_a_wrong_cursor_is_refused(refusing: InProcessApi) -> None:
    problem(await refusing.get("/v1/dead-letters", cursor="nonsense"), 400, "cursor-invalid")


@refused
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "a", "rate": 0}, "rate"),
        ({"kind": "a", "rate": 2.225e-311}, "rate"),  # of which the second would never be due
        ({"kind": "a", "rate": "10"}, "rate"),
        ({"kind": "a", "limit": 100_001}, "limit"),
        ({"kind": "a", "dry_run": "no"}, "dry_run"),
        ({"all": 1}, "all"),
        ({"kind": ""}, "kind"),
        ({"kinds": ["a"]}, "kinds"),
        ({"reason": "boredom"}, "reason"),
    ],
)
async def test_a_wrong_request_is_named(refusing: InProcessApi, body: dict[str, Any], field: str) -> None:
    problem(await refusing.client.post("/v1/dead-letters/replay", json=body), 422, "request-invalid", field)


@refused
async def test_discarding_knows_no_rate(refusing: InProcessApi) -> None:
    body = {"kind": "a", "rate": 1}

    problem(await refusing.client.post("/v1/dead-letters/discard", json=body), 422, "request-invalid", "rate")


@refused
async def test_a_body_that_is_no_json_object_is_refused(refusing: InProcessApi) -> None:
    for path in ("/v1/dead-letters/replay", "/v1/dead-letters/discard"):
        problem(await refusing.client.post(path, content="{", headers=JSON), 400, "not-json")
        problem(await refusing.client.post(path, content="{}"), 415, "media-type-wrong")
        problem(await refusing.client.post(path, content="[]", headers=JSON), 422, "request-invalid", "body")


async def test_any_name_can_be_looked_for(api: InProcessApi, store: RedisStore) -> None:
    name = 'a "b" \\ é \U0001f600 & c=d'
    (id_,) = die(store, kind=name)

    (group,) = (await api.get("/v1/dead-letters/groups")).json()["groups"]
    listed = (await api.get(group["links"]["tasks"])).json()["tasks"]

    assert (group["kind"], [task["id"] for task in listed]) == (name, [id_])
    assert (await api.client.post("/v1/dead-letters/replay", content=json.dumps({"kind": name}), headers=JSON)).json()[
        "changed"
    ] == 1
    assert (await api.get(f"/v1/dead-letters?kind={quote(name)}")).json()["tasks"] == []
    assert store.run(calls.Read(id_)).state is State.QUEUED  # type: ignore[union-attr]


async def test_without_redis_each_question_is_answered_with_503(namespace: str) -> None:
    with EmbeddedRedis() as server:
        async with running_api(server.url, namespace) as api:
            server.kill()

            for path in ("/v1/dead-letters", "/v1/dead-letters/groups", "/v1/tasks/any/attempts"):
                problem(await api.get(path), 503, "store-unavailable")
            problem(await api.client.post("/v1/tasks/any/replay"), 503, "store-unavailable")
            problem(await api.client.post("/v1/dead-letters/replay", json={"all": True}), 503, "store-unavailable")
            problem(await api.client.delete("/v1/dead-letters/any"), 503, "store-unavailable")
