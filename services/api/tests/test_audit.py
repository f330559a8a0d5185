"""Whatever an operator does is written down before it is done, with what came of it after; and who may read that."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from heavylift.access import KeyText, Scope
from heavylift.audit import Action
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from heavylift_api.callers import ANYBODY
from tests.support.asgi import InProcessApi, running_api
from tests.support.consumer import claim, register, submit
from tests.support.described import document
from tests.support.keys import bearer, make_key
from tests.support.problems import problem

TORN = Failure("OSError", "it tore", retryable=False)
PATIENT = 10.0  #: Seconds that Redis has here: what is tested is not how fast a busy machine is.

#: Bodies with which operations that ask for one do something.
BODIES: dict[str, Any] = {
    "/v1/dead-letters/replay": {"all": True},
    "/v1/dead-letters/discard": {"all": True},
    "/v1/autoscaling/pools/{pool}/override": {"replicas": 1, "expires_in": 60},
    "/v1/autoscaling/pools/{pool}/freeze": {"expires_in": 60},
    "/v1/autoscaling/freeze": {"expires_in": 60},
    "/v1/queues/{queue}/limit": {"length": 5},
    "/v1/queues/{queue}/purge": {"token": "no-such-token"},
    "/v1/tasks/cancel": {"all": True},
    "/v1/tasks/retry": {"all": True},
    "/v1/keys": {"name": "another", "scopes": ["read"]},
}


@dataclass
class Desk:
    """An API that asks for keys, and what is done at it."""

    api: InProcessApi
    admin: KeyText

    async def ask(self, method: str, path: str, key: KeyText | None = None, body: Any = None, **headers: str) -> httpx.Response:
        """One request; with the administrator's key unless there is another one."""
        return await self.api.client.request(method, path, json=body, headers=headers | bearer(key or self.admin))

    async def log(self, who: KeyText | None = None, **query: Any) -> list[dict[str, Any]]:
        """The entries of the first page."""
        answer = await self.api.client.get("/v1/audit", params=query, headers=bearer(who or self.admin))
        assert answer.status_code == 200, answer.text
        entries: list[dict[str, Any]] = answer.json()["entries"]
        return entries


@pytest.fixture
async def desk(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> AsyncIterator[Desk]:
    """An API that asks for keys, and an administrator of no tenant."""
    admin = make_key(store, Scope.ADMIN)
    async with running_api(redis_server.url, namespace, auth="on", redis_deadline=PATIENT) as running:
        yield Desk(running, admin)


def _dead(store: RedisStore, **fields: Any) -> str:
    register(store)
    (id_,) = submit(store, 1, **fields)
    (delivery,) = claim(store)
    store.run(calls.Complete((Ended(delivery.id, delivery.fence, Failed(TORN)),)))
    return id_


def _acts() -> list[tuple[str, str]]:
    """Every operation that changes something by an operator's hand, from the description that callers have."""
    return [
        (method.upper(), path)
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
        if method != "get"
        if {scope for way in operation["security"] for scope in way["key"]} & {Scope.OPERATE, Scope.ADMIN}
    ]


async def test_an_act_is_told_with_who_did_it_to_what_when_and_what_came_of_it(desk: Desk, store: RedisStore) -> None:
    (id_,) = submit(store, 1)
    operator = make_key(store, Scope.OPERATE)

    answer = await desk.ask("POST", f"/v1/tasks/{id_}/cancel", operator, **{"X-Request-Id": "friday-17"})
    (entry,) = await desk.log()

    assert answer.status_code == 200
    assert entry.pop("at") <= entry.pop("ended_at")
    assert entry.pop("id")
    assert entry == {
        "action": "task.cancel",
        "target": id_,
        "door": "http",
        "key": operator.id,
        "name": "test",
        "tenant": "",
        "request": "friday-17",
        "details": {},
        "outcome": "done",
        "changed": None,
    }


@pytest.mark.parametrize(("method", "path"), _acts())
async def test_no_operation_of_an_operator_is_passed_over(desk: Desk, store: RedisStore, method: str, path: str) -> None:
    register(store)  # so that there is a queue

    address = re.sub(r"\{\w+\}", "none", path.replace("{queue}", "default"))
    answer = await desk.ask(method, address, body=BODIES.get(path, {}))

    entries = await desk.log()

    assert len(entries) == 1, (
        f"{method} {path} was answered {answer.status_code} and is not in the audit log: let it go through Auditor.witness "
        "and say here with which body it does something"
    )
    told = answer.json().get("type", "").removeprefix("urn:heavylift:problem:")
    assert entries[0]["outcome"] == (told if answer.status_code >= 400 else "done")
    assert entries[0]["action"] in set(Action)


async def test_many_at_once_are_one_entry_that_says_how_many(desk: Desk, store: RedisStore) -> None:
    for _ in range(3):
        _dead(store, kind="mail.welcome")

    asked = {"kind": "mail.welcome", "reason": "exhausted", "rate": 100.0}
    answer = await desk.ask("POST", "/v1/dead-letters/replay", body=asked)
    (entry,) = await desk.log()

    assert answer.json()["changed"] == 3
    assert (entry["target"], entry["changed"]) == ("kind=mail.welcome&reason=exhausted", 3)
    assert entry["details"] == {"limit": 100_000, "rate": 100.0}


async def test_who_only_looks_does_nothing_and_is_not_told(desk: Desk, store: RedisStore) -> None:
    _dead(store)

    await desk.ask("POST", "/v1/dead-letters/discard", body={"all": True, "dry_run": True})

    assert await desk.log() == []


async def test_a_key_that_is_made_is_told_by_its_id_and_never_by_its_secret(desk: Desk) -> None:
    made = (await desk.ask("POST", "/v1/keys", body={"name": "shop", "scopes": ["submit", "read"], "tenant": "shop"})).json()
    await desk.ask("POST", f"/v1/keys/{made['id']}/rotate", body={"grace": 0})
    await desk.ask("DELETE", f"/v1/keys/{made['id']}")

    revoked, rotated, created = await desk.log(target=made["id"])

    assert [entry["action"] for entry in (created, rotated, revoked)] == ["key.create", "key.rotate", "key.revoke"]
    assert created["details"] == {"name": "shop", "scopes": ["submit", "read"], "tenant": "shop"}
    assert rotated["details"] == {"grace": 0.0}
    assert made["key"] not in str(await desk.log())


async def test_the_intention_is_seen_before_the_act(desk: Desk) -> None:
    async def look() -> list[dict[str, Any]]:
        return await desk.log()

    seen = await desk.api.state["auditor"].witness(ANYBODY, Action.CANCEL_TASK, "t1", look())

    assert [(entry["target"], entry["outcome"], entry["ended_at"]) for entry in seen] == [("t1", None, None)]
    assert [entry["outcome"] for entry in await desk.log()] == ["done"]


async def test_an_act_for_which_nobody_waits_any_more_is_told_as_cut_off(desk: Desk) -> None:
    acting = asyncio.create_task(
        desk.api.state["auditor"].witness(ANYBODY, Action.REPLAY_DEAD_LETTERS, "all", asyncio.Event().wait())
    )
    while not await desk.log():
        await asyncio.sleep(0)
    acting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await acting

    assert [entry["outcome"] for entry in await desk.log()] == ["cut-off"]


async def test_what_cannot_be_written_down_is_not_done(desk: Desk, store: RedisStore) -> None:
    (id_,) = submit(store, 1)
    client: Any = store._client
    client.set(f"{store.partition}:access:audit", "something that is no log")

    problem(await desk.ask("POST", f"/v1/tasks/{id_}/cancel"), 503, "store-refused")

    record = store.run(calls.Read(id_))
    assert record is not None
    assert record.state is State.QUEUED


async def test_what_breaks_inside_is_told_too(desk: Desk) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await desk.api.state["auditor"].witness(ANYBODY, Action.CANCEL_TASK, "t1", fail())

    assert [entry["outcome"] for entry in await desk.log()] == ["internal"]


async def test_tenants_see_what_was_done_with_their_own_keys(desk: Desk, store: RedisStore) -> None:
    acme, other = (make_key(store, Scope.ADMIN, tenant=tenant) for tenant in ("acme", "other"))
    for key in (acme, other, desk.admin):
        await desk.ask("POST", "/v1/tasks/none/cancel", key)

    assert [entry["tenant"] for entry in await desk.log(acme)] == ["acme"]
    assert [entry["tenant"] for entry in await desk.log(other, key=acme.id)] == []
    assert [entry["tenant"] for entry in await desk.log()] == ["", "other", "acme"]
    assert [entry["tenant"] for entry in await desk.log(tenant="acme")] == ["acme"]
    problem(await desk.ask("GET", "/v1/audit?tenant=other", acme), 422, "request-invalid", "tenant")


async def test_it_can_be_read_by_action_key_and_target_page_by_page(desk: Desk, store: RedisStore) -> None:
    operator = make_key(store, Scope.OPERATE)
    for target in ("a", "b", "c"):
        await desk.ask("POST", f"/v1/tasks/{target}/cancel", operator)
        await desk.ask("POST", f"/v1/tasks/{target}/replay")

    assert [entry["target"] for entry in await desk.log(action="task.replay")] == ["c", "b", "a"]
    assert [entry["target"] for entry in await desk.log(key=operator.id, target="b")] == ["b"]

    found: list[str] = []
    path: str | None = f"/v1/audit?key={operator.id}&limit=1"
    while path:
        page = (await desk.ask("GET", path)).json()
        found += [entry["target"] for entry in page["entries"]]
        path = page["next"]
    assert found == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("query", "status", "name", "fields"),
    [
        ("cursor=nonsense", 400, "cursor-invalid", ()),
        (f"cursor={'9' * 30}-1", 400, "cursor-invalid", ()),
        ("action=task.fly", 422, "request-invalid", ("action",)),
        ("limit=0", 422, "request-invalid", ("limit",)),
        ("who=ada", 422, "request-invalid", ("who",)),
    ],
)
async def test_a_question_that_is_wrong_is_refused(
    desk: Desk, query: str, status: int, name: str, fields: tuple[str, ...]
) -> None:
    problem(await desk.ask("GET", f"/v1/audit?{query}"), status, name, *fields)


async def test_acts_are_counted_by_what_came_of_them(desk: Desk) -> None:
    await desk.ask("POST", "/v1/tasks/none/cancel")

    said = (await desk.api.get("/metrics")).text
    assert 'heavylift_operator_acts_total{action="task.cancel",outcome="task-not-found"} 1.0' in said
