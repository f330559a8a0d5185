"""Queues over HTTP: what they hold, and whether they give anything out."""

from datetime import UTC, datetime
from typing import Any

from heavylift.access import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.asgi import JSON, InProcessApi, running_api
from tests.support.keys import bearer, make_key
from tests.support.problems import problem

KIND = "demo.anything"


async def _pause(api: InProcessApi, queue: str = "default", **terms: Any) -> dict[str, Any]:
    answer = await api.client.post(f"/v1/queues/{queue}/pause", json=terms)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def _read(api: InProcessApi, queue: str = "default") -> dict[str, Any]:
    answer = await api.get(f"/v1/queues/{queue}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_queue_is_told_with_what_it_holds(api: InProcessApi, store: RedisStore) -> None:
    for _ in range(3):
        await api.submit(KIND)
    await api.submit(KIND, delay=60)
    store.run(calls.Register("celery@here/1", ("default",), 60, {}))
    store.run(calls.Claim.of("celery@here/1", ("default",)))

    told = await _read(api)

    assert (told["name"], told["ready"], told["running"], told["scheduled"]) == ("default", 2, 1, 1)
    assert (told["workers"], told["pause"]) == (1, None)
    assert (await api.get("/v1/queues")).json()["queues"][0]["name"] == "default"


async def test_queues_are_listed_a_page_at_a_time(api: InProcessApi) -> None:
    for name in ("b", "a", "c"):
        await api.submit(KIND, queue=name)
    names, path = [], "/v1/queues?limit=2"
    while path:
        page = (await api.get(path)).json()
        names.append([queue["name"] for queue in page["queues"]])
        path = page["next"]

    assert names == [["a", "b"], ["c"]]


async def test_a_paused_queue_takes_tasks_and_gives_none_out_until_it_is_resumed(api: InProcessApi, store: RedisStore) -> None:
    await api.submit(KIND)
    told = await _pause(api, reason="the printer is on fire", expires_in=3600)
    assert told["pause"]["reason"] == "the printer is on fire"
    since, until = (datetime.fromisoformat(told["pause"][end]) for end in ("since", "until"))
    assert (until - since).total_seconds() == 3600
    assert since <= datetime.now(UTC)

    assert (await api.submit(KIND)).status_code == 202
    store.run(calls.Register("celery@here/1", ("default",), 60, {}))
    assert store.run(calls.Claim.of("celery@here/1", ("default",), 2)) == ()

    resumed = await api.client.post("/v1/queues/default/resume")
    assert (resumed.status_code, resumed.json()["pause"]) == (200, None)
    assert len(store.run(calls.Claim.of("celery@here/1", ("default",), 2))) == 2
    assert (await api.client.post("/v1/queues/default/resume")).status_code == 200


async def test_why_tells_of_the_pause(api: InProcessApi, store: RedisStore) -> None:
    store.run(calls.Register("celery@here/1", ("default",), 60, {}))
    id_, later = [(await api.submit(KIND, **fields)).json()["id"] for fields in ({}, {"delay": 60})]
    pause = (await _pause(api, reason="the printer is on fire"))["pause"]

    told = (await api.get(f"/v1/tasks/{id_}/why")).json()

    assert (told["waits_for"], told["pause"], told["estimate"]) == ("paused", pause, None)
    assert told["since"] == pause["since"]
    assert told["reason"].startswith("The queue default is paused since 20")
    assert told["reason"].endswith("until somebody resumes it: the printer is on fire.")
    scheduled = (await api.get(f"/v1/tasks/{later}/why")).json()
    assert (scheduled["waits_for"], scheduled["estimate"]) == ("delay", None)
    assert scheduled["reason"].endswith("and its queue is paused.")

    until = (await _pause(api, expires_in=600))["pause"]["until"]
    estimate = (await api.get(f"/v1/tasks/{id_}/why")).json()["estimate"]
    assert estimate == {"starts_at": until, "basis": "the pause of its queue ends then, and nothing is ahead of it"}


async def test_a_queue_that_nobody_knows_is_not_found(api: InProcessApi) -> None:
    for method, path in (("GET", ""), ("POST", "/pause"), ("POST", "/resume")):
        answer = await api.client.request(method, f"/v1/queues/nowhere{path}", headers=JSON)
        assert problem(answer, 404, "queue-not-found")["detail"].startswith("no queue is named nowhere")


async def test_terms_that_are_wrong_are_named(api: InProcessApi) -> None:
    await api.submit(KIND)
    answer = await api.client.post("/v1/queues/default/pause", json={"expires_in": 0, "why": "x"})

    problem(answer, 422, "request-invalid", "expires_in", "why")


async def test_a_full_queue_answers_429_and_says_when_to_come_again(api: InProcessApi, store: RedisStore) -> None:
    assert "RateLimit" not in (await api.submit(KIND)).headers
    limited = await api.client.put("/v1/queues/default/limit", json={"length": 2})
    assert (limited.status_code, limited.json()["limit"]) == (200, 2)

    taken, refused = await api.submit(KIND), await api.submit(KIND)

    assert (taken.status_code, taken.headers["RateLimit"]) == (202, '"queue";r=0')
    assert taken.headers["RateLimit-Policy"] == refused.headers["RateLimit-Policy"] == '"queue";q=2;qu="tasks"'
    assert (refused.status_code, refused.json()["type"]) == (429, "urn:heavylift:problem:queue-full")
    seconds = int(refused.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert refused.headers["RateLimit"] == f'"queue";r=0;t={seconds}'
    assert refused.json()["detail"].startswith("2 tasks wait in the queue default, which takes 2; there may be room in")
    metrics = (await api.get("/metrics")).text
    assert 'task_submissions_refused_total{reason="queue-full",task_name="demo.anything"} 1.0' in metrics

    store.run(calls.Register("celery@here/1", ("default",), 60, {}))
    store.run(calls.Claim.of("celery@here/1", ("default",)))
    assert (await api.submit(KIND)).status_code == 202
    await api.client.put("/v1/queues/default/limit", json={"length": None})
    assert (await api.submit(KIND)).status_code == 202


async def test_of_a_batch_as_many_are_taken_as_there_is_room_for_and_of_an_atomic_one_all_or_none(api: InProcessApi) -> None:
    await api.submit(KIND)
    await api.client.put("/v1/queues/default/limit", json={"length": 3})
    tasks = {"tasks": [{"kind": KIND} for _ in range(3)]}

    whole = await api.client.post("/v1/batches?atomic=true", json=tasks)
    assert (whole.status_code, whole.json()["type"]) == (429, "urn:heavylift:problem:queue-full")
    assert (await _read(api))["ready"] == 1

    each = (await api.client.post("/v1/batches", json=tasks)).json()
    assert [item["status"] for item in each["tasks"]] == [202, 202, 429]
    for item in each["tasks"][:2]:
        await api.client.post(f"/v1/tasks/{item['task']['id']}/cancel")
    assert (await api.get(each["href"], wait=5)).json()["ended_at"]


async def test_a_limit_that_is_wrong_is_named(api: InProcessApi) -> None:
    await api.submit(KIND)
    for body in ({"length": -1}, {"length": "3"}, {"length": True}, {"length": 2.5}, {}):
        problem(await api.client.put("/v1/queues/default/limit", json=body), 422, "request-invalid", "length")
    problem(await api.client.put("/v1/queues/nowhere/limit", json={"length": 1}), 404, "queue-not-found")


async def test_a_whole_number_counts_as_one_however_it_is_written(api: InProcessApi) -> None:
    await api.submit(KIND)

    limited = await api.client.put(
        "/v1/queues/default/limit", content='{"length": 2.0}', headers={"Content-Type": "application/json"}
    )

    assert (limited.status_code, limited.json()["limit"]) == (200, 2)


async def test_a_purge_changes_nothing_until_it_is_confirmed(api: InProcessApi, store: RedisStore) -> None:
    ids = [(await api.submit(KIND, **fields)).json()["id"] for fields in ({}, {}, {"delay": 60})]
    store.run(calls.Register("celery@here/1", ("default",), 60, {}))
    (running,) = store.run(calls.Claim.of("celery@here/1", ("default",)))

    asked = (await api.client.post("/v1/queues/default/purge")).json()
    assert (asked["waiting"], asked["cancelled"], asked["more"]) == (2, 0, True)
    assert (await _read(api))["ready"] == 1
    later = (await api.submit(KIND)).json()["id"]

    done = (await api.client.post("/v1/queues/default/purge", json={"token": asked["token"]})).json()

    assert (done["waiting"], done["cancelled"], done["more"], done["token"]) == (2, 2, False, None)
    tasks = {id_: (await api.get(f"/v1/tasks/{id_}")).json() for id_ in (*ids, later)}
    assert {id_: task["state"] for id_, task in tasks.items()} == {
        running.id: "running",
        later: "queued",
        **{id_: "cancelled" for id_ in ids if id_ != running.id},
    }
    assert {tasks[id_]["error"]["type"] for id_ in ids if id_ != running.id} == {"Purged"}


async def test_a_token_confirms_the_purge_of_its_queue_and_of_no_other(api: InProcessApi) -> None:
    for queue in ("default", "other"):
        await api.submit(KIND, queue=queue)
    token = (await api.client.post("/v1/queues/default/purge")).json()["token"]

    for queue, wrong in (("other", token), ("default", "none-of-ours")):
        answer = await api.client.post(f"/v1/queues/{queue}/purge", json={"token": wrong})
        assert "ask without a token" in problem(answer, 409, "purge-token-invalid")["detail"]
    problem(await api.client.post("/v1/queues/default/purge", json={"token": "no token"}), 422, "request-invalid", "token")
    problem(await api.client.post("/v1/queues/nowhere/purge"), 404, "queue-not-found")
    assert (await _read(api))["ready"] == (await _read(api, "other"))["ready"] == 1


async def test_queues_are_nothing_for_who_calls_for_one_tenant(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    operator, tenant, reader = (
        make_key(store, Scope.OPERATE, Scope.READ, Scope.SUBMIT),
        make_key(store, Scope.ADMIN, tenant="acme"),
        make_key(store, Scope.READ),
    )
    async with running_api(redis_server.url, namespace, auth="on") as api:
        await api.client.post("/v1/tasks", json={"kind": KIND}, headers=bearer(tenant))

        async def pause(key: Any) -> int:
            return (await api.client.post("/v1/queues/default/pause", headers=bearer(key))).status_code

        assert [await pause(key) for key in (tenant, reader, operator)] == [404, 403, 200]
        assert (await api.client.get("/v1/queues", headers=bearer(tenant))).json()["queues"] == []
        told = (await api.client.get("/v1/queues", headers=bearer(reader))).json()["queues"]
        assert [queue["pause"]["by"] for queue in told] == [operator.id]
