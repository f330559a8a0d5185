"""Schedules over HTTP: put, shown, paused, triggered, dropped, and refused with a sentence."""

from typing import Any

import httpx
import pytest

from heavylift.access import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.store.calls import Complete, Ended
from heavylift.store.redis import RedisStore
from tests.support.asgi import JSON, InProcessApi, refused, running_api
from tests.support.consumer import claim, register
from tests.support.keys import bearer, make_key
from tests.support.scheduler_stage import kept, scheduler

PATH = "/v1/schedules/nightly"
THUMBNAIL = {"kind": "images.thumbnail", "payload": {"source": "a.jpg", "width": 1}}
WELCOME = {"kind": "mail.welcome", "payload": {"to": "ada@example.com"}}


async def _put(api: InProcessApi, headers: dict[str, str] | None = None, path: str = PATH, **fields: Any) -> httpx.Response:
    return await api.client.put(path, json={**THUMBNAIL, "cron": "0 9 * * *"} | fields, headers=headers)


async def test_a_schedule_is_shown_as_it_was_put_with_its_next_five_times(api: InProcessApi) -> None:
    put = await _put(api, timezone="Europe/Berlin", cron="0 9 * * MON-FRI", tags=["a", "a"], overlap="skip", missed="all")

    told = put.json()
    assert put.status_code == 200
    assert (await api.get(PATH)).json() == told
    assert put.headers["etag"] == f'"{told["version"]}"'
    assert (told["cron"], told["timezone"], told["overlap"], told["missed"]) == (
        "0 9 * * MON-FRI",
        "Europe/Berlin",
        "skip",
        "all",
    )
    assert (told["payload"], told["tags"], told["tasks"]) == (THUMBNAIL["payload"], ["a"], [])
    assert len(told["next_times"]) == 5
    assert told["next_times"][0] == told["next_at"]
    assert all(time[11:16] in ("07:00", "08:00") for time in told["next_times"])


async def test_what_a_schedule_makes_is_found_from_it(api: InProcessApi, store: RedisStore) -> None:
    await _put(api, cron=None, every=1, **WELCOME)
    with scheduler(store):
        found = await _until_fired(api, store)

    (task, *_) = found["tasks"]
    assert (task["made"], found["times"]["made"]) == (True, len(found["tasks"]))
    record = (await api.get(task["href"])).json()
    assert (record["kind"], record["queue"], record["priority"], record["max_attempts"]) == ("mail.welcome", "mail", "high", 7)
    assert record["payload"] == WELCOME["payload"]
    listed = (await api.get(found["links"]["tasks"])).json()["tasks"]
    assert task["id"] in {each["id"] for each in listed}


async def _until_fired(api: InProcessApi, store: RedisStore) -> Any:
    while not (found := (await api.get(PATH)).json())["tasks"]:
        pass  # each look gives the scheduler its turn; the test's own time is the limit
    return found


async def test_the_list_is_by_name_and_without_payloads(api: InProcessApi) -> None:
    for name in ("b", "a"):
        await _put(api, path=f"/v1/schedules/{name}")

    listed = (await api.get("/v1/schedules")).json()["schedules"]

    assert [each["name"] for each in listed] == ["a", "b"]
    assert not any("payload" in each for each in listed)
    assert listed[0]["links"]["self"] == "/v1/schedules/a"


async def test_who_names_a_version_changes_no_other(api: InProcessApi) -> None:
    new = {"If-Match": '"0"'}
    first = await _put(api, new)
    assert first.status_code == 200
    second = await _put(api, {"If-Match": first.headers["etag"]}, priority="low")

    for headers in (new, {"If-Match": first.headers["etag"]}):
        late = await _put(api, headers, priority="high")
        assert (late.status_code, late.json()["type"]) == (412, "urn:heavylift:problem:schedule-changed")
    late = await api.client.delete(PATH, headers={"If-Match": first.headers["etag"]})
    assert late.status_code == 412
    assert (await api.get(PATH)).json() == second.json()
    assert (await _put(api, {"If-Match": "yesterday"})).json()["errors"][0]["field"] == "If-Match"


async def test_saying_the_same_again_changes_nothing(api: InProcessApi) -> None:
    first = await _put(api)

    assert (await _put(api)).json() == first.json()


async def test_a_paused_schedule_does_not_come_until_it_is_resumed(api: InProcessApi) -> None:
    await _put(api)

    paused = await api.client.post(f"{PATH}/pause")
    again = await api.client.post(f"{PATH}/pause")
    resumed = await api.client.post(f"{PATH}/resume")

    assert (paused.json()["paused"], paused.json()["next_at"], paused.json()["next_times"]) == (True, None, [])
    assert again.json() == paused.json()
    assert (resumed.json()["paused"], resumed.json()["next_at"] is None) == (False, False)


async def test_triggering_submits_a_task_now_and_leaves_the_times_alone(api: InProcessApi) -> None:
    put = (await _put(api, paused=True)).json()

    triggered = await api.client.post(f"{PATH}/trigger")

    task = (await api.get(triggered.headers["location"])).json()
    assert (triggered.status_code, task["state"], task["tags"]) == (202, "queued", ["schedule:nightly"])
    assert task["trace_id"] == triggered.json()["trace_id"]
    after = (await api.get(PATH)).json()
    assert (after["next_at"], after["version"]) == (None, put["version"])
    assert [(each["id"], each["due"]) for each in after["tasks"]] == [(task["id"], None)]


async def test_triggering_one_that_may_not_overlap_finds_the_task_that_has_not_ended(
    api: InProcessApi, store: RedisStore
) -> None:
    await _put(api, overlap="skip")
    first = (await api.client.post(f"{PATH}/trigger")).json()

    second = (await api.client.post(f"{PATH}/trigger")).json()
    register(store)
    (delivery,) = claim(store)
    store.run(Complete((Ended(delivery.id, delivery.fence, Succeeded("{}")),)))
    third = (await api.client.post(f"{PATH}/trigger")).json()

    assert (first["existing"], second["existing"], third["existing"]) == (False, True, False)
    assert second["id"] == first["id"] != third["id"]
    assert (await api.get(PATH)).json()["times"] == {"made": 2, "taken": 1, "missed": 0}


async def test_whatever_is_done_to_a_schedule_is_in_the_audit_log(api: InProcessApi) -> None:
    await _put(api)
    for verb in ("pause", "resume", "trigger"):
        await api.client.post(f"{PATH}/{verb}")
    await api.client.delete(PATH)
    await api.client.delete(PATH)

    entries = (await api.get("/v1/audit", target="nightly")).json()["entries"]

    assert [(entry["action"], entry["outcome"]) for entry in reversed(entries)] == [
        ("schedule.put", "done"),
        ("schedule.pause", "done"),
        ("schedule.resume", "done"),
        ("schedule.trigger", "done"),
        ("schedule.drop", "done"),
        ("schedule.drop", "schedule-not-found"),
    ]


async def test_dropping_leaves_its_tasks(api: InProcessApi) -> None:
    await _put(api)
    task = (await api.client.post(f"{PATH}/trigger")).json()

    dropped = await api.client.delete(PATH)

    assert dropped.json()["name"] == "nightly"
    assert (await api.get(task["href"])).status_code == 200
    for method, path in (("GET", PATH), ("DELETE", PATH), ("POST", f"{PATH}/pause"), ("POST", f"{PATH}/trigger")):
        gone = await api.client.request(method, path)
        assert (gone.status_code, gone.json()["type"]) == (404, "urn:heavylift:problem:schedule-not-found")


async def test_a_time_that_has_come_is_not_lost_by_another_payload(api: InProcessApi, store: RedisStore) -> None:
    await _put(api, cron=None, every=1)
    before = kept(store)
    await _put(api, cron=None, every=1, payload={"source": "b.jpg", "width": 2})

    assert kept(store).next_at == before.next_at


@refused
@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"cron": "61 * * * *"}, "cron", 'such as "0 9 * * MON-FRI"'),
        ({"cron": None}, "cron", '"every": 60'),
        ({"every": 60}, "cron", "one of the two"),
        ({"cron": None, "every": 0}, "every", "such as 60"),
        ({"cron": None, "every": "60"}, "every", "number"),
        ({"timezone": "Mars/Olympus"}, "timezone", 'such as "Europe/Berlin"'),
        ({"start": "2026-01-01"}, "start", "offset"),
        ({"end": "2020-01-01T00:00:00Z"}, "end", "is past"),
        ({"payload": {"source": "a.jpg", "width": 0}}, "payload.width", "minimum"),
        ({"missed": "perhaps"}, "missed", "'one', 'skip' or 'all'"),
        ({"crom": "* * * * *"}, "crom", "not known"),
        ({"expires": -1}, "expires", "greater than 0"),
    ],
)
async def test_what_is_wrong_is_named_at_its_field(refusing: InProcessApi, fields: dict[str, Any], field: str, said: str) -> None:
    answer = await _put(refusing, **fields)

    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert said in answer.json()["errors"][0]["message"]
    assert (await refusing.get("/v1/schedules")).json() == {"schedules": []}


@refused
async def test_a_kind_that_nobody_has_published_is_refused_with_near_names(refusing: InProcessApi) -> None:
    answer = await _put(refusing, kind="images.thumbnial")

    assert (answer.status_code, answer.json()["near"]) == (404, ["images.thumbnail"])


@refused
async def test_a_body_that_is_none_is_refused(refusing: InProcessApi) -> None:
    assert (await refusing.client.put(PATH, content=b"{", headers=JSON)).status_code == 400
    assert (await refusing.client.put(PATH, content=b"{}")).status_code == 415
    assert (await refusing.client.put("/v1/schedules/a%20b", json=THUMBNAIL)).status_code == 422


async def test_tenants_have_their_own_and_an_administrator_names_whose(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    acme = make_key(store, Scope.SUBMIT, Scope.READ, tenant="acme")
    operator = make_key(store, Scope.OPERATE, tenant="acme")
    other = make_key(store, Scope.SUBMIT, Scope.READ, Scope.PAYLOAD, tenant="other")
    admin = make_key(store, Scope.ADMIN)
    async with running_api(redis_server.url, namespace, auth="on") as api:
        for key, tag in ((acme, "of-acme"), (other, "of-other")):
            assert (await _put(api, bearer(key), tags=[tag])).status_code == 200

        shown = await api.client.get(PATH, headers=bearer(acme))
        assert (shown.json()["tags"], shown.json()["payload"], shown.json()["redacted"]) == (["of-acme"], None, True)
        assert (await api.client.get(PATH, headers=bearer(other))).json()["redacted"] is False
        assert (await api.client.get(f"{PATH}?tenant=acme", headers=bearer(other))).status_code == 404
        assert (await _put(api, bearer(other), f"{PATH}?tenant=acme")).status_code == 404
        assert (await api.client.post(f"{PATH}/pause", headers=bearer(operator))).json()["paused"] is True
        assert (await _put(api, bearer(operator))).status_code == 403

        listed = (await api.client.get("/v1/schedules", headers=bearer(admin))).json()["schedules"]
        assert [each["tenant"] for each in listed] == ["acme", "other"]
        for each in listed:
            assert (await api.client.get(each["links"]["self"], headers=bearer(admin))).json()["tenant"] == each["tenant"]
        assert (await api.client.get(PATH, headers=bearer(admin))).status_code == 404
        triggered = await api.client.post(listed[0]["links"]["trigger"], headers=bearer(admin))
        assert (await api.client.get(triggered.json()["href"], headers=bearer(acme))).json()["tenant"] == "acme"
