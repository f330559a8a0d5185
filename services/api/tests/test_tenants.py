"""Two tenants on one API: whatever one asks for, at whatever address, the other's tasks are neither seen nor touched."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from heavylift.access import KeyText, Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from tests.support.asgi import JSON, InProcessApi, running_api
from tests.support.consumer import claim, register
from tests.support.described import document
from tests.support.keys import bearer, make_key

ALL = (Scope.SUBMIT, Scope.READ, Scope.PAYLOAD, Scope.OPERATE)
SECRET = "the-secret-of-acme"


@dataclass
class Tenant:
    """A key, and what was made with it."""

    key: KeyText
    tasks: dict[str, str] = field(default_factory=dict)
    batch: str = ""
    schedule: str = "nightly-of-acme"

    @property
    def ids(self) -> list[str]:
        """Of all that is its own."""
        return [*self.tasks.values(), self.batch]

    @property
    def names(self) -> list[str]:
        """What addresses may have in them of all that is its own."""
        return [*self.ids, self.schedule]


@pytest.fixture
async def api(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> AsyncIterator[InProcessApi]:
    """An API that asks for keys."""
    make_key(store, Scope.ADMIN)
    async with running_api(redis_server.url, namespace, auth="on") as running:
        yield running


@pytest.fixture
async def acme(api: InProcessApi, store: RedisStore) -> Tenant:
    """A tenant with a task in every standing that an address may be about."""
    tenant = Tenant(make_key(store, *ALL, tenant="acme"))
    body = {"kind": "demo.anything", "payload": {"secret": SECRET}, "tags": [SECRET]}
    register(store)
    for name in ("dead", "running"):
        tenant.tasks[name] = (await _submit(api, tenant, body))["id"]
        (delivery,) = claim(store)
        if name == "dead":
            torn = Failure("OSError", SECRET, retryable=False, traceback=SECRET)
            store.run(calls.Complete((Ended(delivery.id, delivery.fence, Failed(torn)),)))
    tenant.tasks["queued"] = (await _submit(api, tenant, body))["id"]
    batch = await api.client.post("/v1/batches", json={"tasks": [body]}, headers=bearer(tenant.key))
    tenant.batch = batch.json()["id"]
    schedule = {"kind": "demo.anything", "payload": {"secret": SECRET}, "every": 86_400, "tags": [SECRET]}
    put = await api.client.put(f"/v1/schedules/{tenant.schedule}", json=schedule, headers=bearer(tenant.key))
    assert put.status_code == 200, put.text
    tenant.tasks["of the batch"] = batch.json()["tasks"][0]["task"]["id"]
    return tenant


async def _submit(api: InProcessApi, tenant: Tenant, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api.client.post("/v1/tasks", json=body, headers=bearer(tenant.key))
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _questions(about: Tenant) -> Iterator[tuple[str, str, bytes | None]]:
    """Every operation that is not about keys, with the ids of somebody: method, address, body."""
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            if not operation["security"] or path.startswith(("/v1/keys", "/v1/audit")):
                continue
            for id_ in _named(about, method, path):
                yield method.upper(), re.sub(r"\{\w+\}", id_, path), _body(path, method, id_)


def _named(about: Tenant, method: str, path: str) -> list[str]:
    if path.startswith("/v1/schedules/"):
        return [about.schedule] if method != "put" else []  # who puts one of that name has one of its own
    return about.ids if "{" in path else [""]


def _body(path: str, method: str, id_: str) -> bytes | None:
    if method != "post":
        return None
    bodies = {
        f"/v1/{path}": {"all": True} for path in ("dead-letters/replay", "dead-letters/discard", "tasks/cancel", "tasks/retry")
    }
    bodies["/v1/autoscaling/pools/{pool}/override"] = {"replicas": 1, "expires_in": 60}
    bodies |= {f"/v1/autoscaling/{path}": {"expires_in": 60} for path in ("pools/{pool}/freeze", "freeze")}
    return json.dumps(bodies.get(path, {})).encode()


async def _ask(api: InProcessApi, key: KeyText, method: str, path: str, body: bytes | None) -> httpx.Response:
    headers = JSON | bearer(key) | {"Accept": "application/json"}
    return await api.client.request(method, path, headers=headers, content=body)


def _all_known(store: RedisStore) -> dict[str, Any]:
    """What the store has of every task, to the last field, and of batches."""
    client: Any = store._client
    keys = [key for what in ("task", "batch", "schedule") for key in client.scan_iter(f"{store.partition}:{what}:*")]
    return {key: {name: value for name, value in client.hgetall(key).items() if name != "watchers"} for key in keys}


@pytest.mark.parametrize(
    ("tenant", "scopes"),
    [("other", ALL), ("other", (Scope.ADMIN,)), ("", ALL)],
    ids=["another tenant", "an administrator of another tenant", "nobody in particular"],
)
async def test_nothing_of_another_tenant_is_seen_or_touched_at_any_address(
    api: InProcessApi, store: RedisStore, acme: Tenant, tenant: str, scopes: tuple[Scope, ...]
) -> None:
    stranger = make_key(store, *scopes, tenant=tenant)
    before = _all_known(store)

    for method, path, body in _questions(acme):
        answer = await _ask(api, stranger, method, path, body)

        assert SECRET not in answer.text, (method, path)
        assert not [id_ for id_ in acme.names if id_ in answer.text and id_ not in path], (method, path, answer.text)
        if any(id_ in path for id_ in acme.names):
            assert answer.status_code == 404, (method, path, answer.text)

    assert _all_known(store) == before


async def test_its_own_tenant_reaches_all_of_it(api: InProcessApi, acme: Tenant) -> None:
    listed = await _ask(api, acme.key, "GET", "/v1/tasks", None)
    assert {task["id"] for task in listed.json()["tasks"]} == set(acme.tasks.values())
    assert {task["tenant"] for task in listed.json()["tasks"]} == {"acme"}
    for id_ in acme.tasks.values():
        for path in ("", "/attempts", "/events", "/why"):
            assert (await _ask(api, acme.key, "GET", f"/v1/tasks/{id_}{path}", None)).status_code == 200
    assert (await _ask(api, acme.key, "GET", f"/v1/batches/{acme.batch}", None)).status_code == 200
    replayed = await _ask(api, acme.key, "POST", "/v1/dead-letters/replay", b'{"all": true}')
    assert replayed.json()["changed"] == 1
    cancelled = await _ask(api, acme.key, "POST", f"/v1/tasks/{acme.tasks['queued']}/cancel", b"{}")
    assert cancelled.json()["state"] == "cancelled"


async def test_an_administrator_of_no_tenant_reaches_all(api: InProcessApi, store: RedisStore, acme: Tenant) -> None:
    admin = make_key(store, Scope.ADMIN)

    listed = (await _ask(api, admin, "GET", "/v1/tasks", None)).json()["tasks"]

    assert {task["id"] for task in listed} == set(acme.tasks.values())
    assert (await _ask(api, admin, "GET", f"/v1/tasks/{acme.tasks['dead']}", None)).json()["payload"] == {"secret": SECRET}


async def test_a_group_of_dead_letters_leads_an_administrator_to_those_of_its_tenant(
    api: InProcessApi, store: RedisStore, acme: Tenant
) -> None:
    admin, other = make_key(store, Scope.ADMIN), Tenant(make_key(store, *ALL, tenant="other"))
    theirs = (await _submit(api, other, {"kind": "demo.anything"}))["id"]
    torn = Failure("OSError", SECRET, retryable=False, traceback=SECRET)
    ended = tuple(Ended(delivery.id, delivery.fence, Failed(torn)) for delivery in claim(store, 10) if delivery.id == theirs)
    store.run(calls.Complete(ended))

    groups = (await _ask(api, admin, "GET", "/v1/dead-letters/groups", None)).json()["groups"]

    assert {group["tenant"] for group in groups} == {"acme", "other"}
    for group in groups:
        found = (await _ask(api, admin, "GET", group["links"]["tasks"], None)).json()["tasks"]
        assert [task["tenant"] for task in found] == [group["tenant"]]


async def test_a_page_of_a_tenants_tasks_leads_to_the_next(api: InProcessApi, acme: Tenant) -> None:
    found: list[str] = []
    path: str | None = "/v1/tasks?limit=1"
    while path:
        page = (await _ask(api, acme.key, "GET", path, None)).json()
        found += [task["id"] for task in page["tasks"]]
        path = page["next"]

    assert sorted(found) == sorted(acme.tasks.values())


async def test_keys_of_requests_and_of_tasks_count_within_their_tenant(api: InProcessApi, store: RedisStore) -> None:
    one, other = (Tenant(make_key(store, *ALL, tenant=name)) for name in ("acme", "other"))
    unique = {"kind": "demo.anything", "unique": {"key": "the same"}}

    made = [(await _submit(api, tenant, unique)) for tenant in (one, other, one)]
    assert made[0]["id"] == made[2]["id"] != made[1]["id"]
    assert [answer["existing"] for answer in made] == [False, False, True]

    for body in ({"kind": "demo.anything"}, {"kind": "demo.anything", "payload": {"b": 1}}):
        tenant = one if "payload" not in body else other
        headers = bearer(tenant.key) | {"Idempotency-Key": '"the same"'}
        answers = [await api.client.post("/v1/tasks", json=body, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].json() == answers[1].json()


async def test_an_id_that_another_tenant_has_is_refused_and_says_nothing_of_it(
    api: InProcessApi, store: RedisStore, acme: Tenant
) -> None:
    stranger = make_key(store, *ALL, tenant="other")
    body = {"kind": "demo.anything", "id": acme.tasks["queued"], "payload": {"secret": SECRET}, "tags": [SECRET]}

    answer = await api.client.post("/v1/tasks", json=body, headers=bearer(stranger))
    again = await api.client.post("/v1/tasks", json=body, headers=bearer(acme.key))

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:heavylift:problem:id-taken")
    assert "state" not in answer.json()
    assert again.status_code == 202
