"""Many tasks that have not ended, called off or let begin over HTTP by a filter."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heavylift.access import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, refused, running_api
from tests.support.consumer import claim, register, submit
from tests.support.keys import bearer, make_key
from tests.support.problems import problem

HOUR = timedelta(hours=1)


async def _post(api: InProcessApi, verb: str, **body: Any) -> dict[str, Any]:
    answer = await api.client.post(f"/v1/tasks/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def _states(store: RedisStore, ids: list[str]) -> list[str]:
    records = [store.run(calls.Read(id_)) for id_ in ids]
    return [str(record.state) for record in records if record]


async def test_all_that_fit_are_called_off_and_told_by_what_came_of_them(api: InProcessApi, store: RedisStore) -> None:
    running = submit(store, tags=("nightly",))
    register(store)
    claim(store)
    waiting, others = submit(store, 2, tags=("nightly",)), submit(store, 2)

    told = await _post(api, "cancel", tag="nightly")

    assert (told["matched"], told["changed"], told["more"], told["dry_run"]) == (3, 3, False, False)
    assert told["states"] == {"cancelled": 2, "running": 1}
    assert _states(store, running + waiting + others) == ["running", "cancelled", "cancelled", "queued", "queued"]
    (entry,) = (await api.get("/v1/audit")).json()["entries"]
    assert (entry["action"], entry["target"], entry["changed"]) == ("tasks.cancel", "tag=nightly", 3)


async def test_a_dry_run_says_how_many_and_does_nothing(api: InProcessApi, store: RedisStore) -> None:
    ids = submit(store, 2, delay=60) + submit(store)

    for verb, matched in (("cancel", 3), ("retry", 2)):
        told = await _post(api, verb, all=True, dry_run=True)
        assert (told["matched"], told["changed"], told["states"], told["dry_run"]) == (matched, 0, {}, True)
        assert set(told["sample"]) <= set(ids)

    assert _states(store, ids) == ["scheduled", "scheduled", "queued"]
    assert (await api.get("/v1/audit")).json()["entries"] == []


async def test_what_waits_for_its_time_is_let_begin(api: InProcessApi, store: RedisStore) -> None:
    late, other = submit(store, 2, delay=60, kind="mail.welcome"), submit(store, delay=60)

    told = await _post(api, "retry", kind="mail.welcome")

    assert (told["changed"], told["states"]) == (2, {"queued": 2})
    assert _states(store, late + other) == ["queued", "queued", "scheduled"]


async def test_each_filter_selects_in_lists_and_in_bulk_alike(api: InProcessApi, store: RedisStore) -> None:
    batch = (await api.client.post("/v1/batches", json={"tasks": [{"kind": "demo.anything"}]})).json()
    (other,) = submit(store, queue="mail", delay=60)
    now = datetime.now(UTC)

    for wanted, ids in (
        ({"batch": batch["id"]}, [batch["tasks"][0]["task"]["id"]]),
        ({"queue": "mail"}, [other]),
        ({"state": "scheduled"}, [other]),
        ({"submitted_after": (now - HOUR).isoformat(), "queue": "mail"}, [other]),
        ({"submitted_after": (now + HOUR).isoformat()}, []),
        ({"submitted_before": (now - HOUR).isoformat()}, []),
    ):
        listed = (await api.get("/v1/tasks", **wanted)).json()["tasks"]
        told = await _post(api, "cancel", dry_run=True, **wanted)
        assert [task["id"] for task in listed] == told["sample"] == ids, wanted


async def test_a_limit_leaves_the_rest_and_says_that_there_is_more(api: InProcessApi, store: RedisStore) -> None:
    ids = submit(store, 5)

    told = await _post(api, "cancel", all=True, limit=2)

    assert (told["changed"], told["more"]) == (2, True)
    assert _states(store, ids).count("queued") == 3


@refused
@pytest.mark.parametrize("verb", ["cancel", "retry"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "all"),
        ({"all": False, "limit": 5}, "all"),
        ({"all": True, "kind": "a"}, "all"),
        ({"state": "succeeded"}, "state"),
        ({"kind": ""}, "kind"),
        ({"color": "red"}, "color"),
        ({"all": True, "limit": 0}, "limit"),
        ({"submitted_after": "yesterday"}, "submitted_after"),
        (
            {"submitted_after": "2026-02-01T00:00:00Z", "submitted_before": "2026-01-01T00:00:00Z"},
            "submitted_before",
        ),
    ],
)
async def test_what_is_not_meant_so_is_refused_by_its_field(
    refusing: InProcessApi, verb: str, body: dict[str, Any], field: str
) -> None:
    told = problem(await refusing.client.post(f"/v1/tasks/{verb}", json=body), 422, "request-invalid", field)

    if not body:
        assert "set all to true" in told["detail"]


async def test_a_tenant_treats_its_own_tasks_and_an_administrator_may_name_one(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    ids = {tenant: submit(store, 2, tenant=tenant) for tenant in ("acme", "other", "")}
    acme, admin = make_key(store, Scope.OPERATE, Scope.READ, tenant="acme"), make_key(store, Scope.ADMIN)
    async with running_api(redis_server.url, namespace, auth="on") as api:

        async def ask(key: Any, **body: Any) -> Any:
            return await api.client.post("/v1/tasks/cancel", json=body, headers=bearer(key))

        assert (await ask(acme, all=True)).json()["changed"] == 2
        assert [_states(store, ids[tenant]) for tenant in ids] == [["cancelled"] * 2, ["queued"] * 2, ["queued"] * 2]
        problem(await ask(acme, tenant="other"), 422, "request-invalid", "tenant")
        assert (await ask(admin, tenant="other")).json()["changed"] == 2
        assert _states(store, ids[""]) == ["queued"] * 2

        listed = await api.client.get("/v1/tasks", params={"tenant": "other", "limit": 1}, headers=bearer(admin))
        assert [task["tenant"] for task in listed.json()["tasks"]] == ["other"]
        assert "tenant=other" in listed.json()["next"]
        for path in ("/v1/tasks", "/v1/dead-letters", "/v1/dead-letters/groups"):
            assert (await api.client.get(path, params={"tenant": ""}, headers=bearer(admin))).status_code == 200
            problem(
                await api.client.get(path, params={"tenant": "other"}, headers=bearer(acme)), 422, "request-invalid", "tenant"
            )
