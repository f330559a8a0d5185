"""Who comes in: each scope on each route, the life of a key, and what is told of it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from heavylift.access import KeyText, Scope, new_key, read_key
from heavylift.errors import ConfigurationInvalid
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from heavylift_api.app import create_app
from heavylift_api.settings import AccessSettings, ApiSettings
from tests.support.asgi import JSON, InProcessApi, running_api
from tests.support.described import document
from tests.support.keys import bearer, make_key

FAST = 0.6  #: Seconds within which processes of these tests learn of a change.
SCOPES = (Scope.SUBMIT, Scope.READ, Scope.PAYLOAD, Scope.OPERATE, Scope.ADMIN)
ID = "01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42"


@pytest.fixture
async def closed(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> AsyncIterator[InProcessApi]:
    """An API that asks for keys. There is one already, so that it makes up none."""
    make_key(store, Scope.ADMIN)
    async with running_api(redis_server.url, namespace, auth="on", key_age=FAST) as running:
        yield running


def _guarded() -> list[tuple[str, str, frozenset[str]]]:
    """Every operation that asks for a key, from the description that callers have: method, an address, scopes."""
    return [
        (
            method.upper(),
            re.sub(r"\{\w+\}", "none", path),
            frozenset(scope for way in operation["security"] for scope in way["key"]),
        )
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
        if operation["security"]
    ]


async def _ask(api: InProcessApi, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    return await api.client.request(method, path, headers=JSON | headers, content=b"{" if method == "POST" else None)


async def test_each_scope_opens_the_routes_that_name_it_and_no_others(closed: InProcessApi, store: RedisStore) -> None:
    keys = {scope: make_key(store, scope) for scope in SCOPES}

    for method, path, asked in _guarded():
        for scope, key in keys.items():
            answer = await _ask(closed, method, path, bearer(key))
            let_in = scope in asked or scope is Scope.ADMIN
            assert (answer.status_code != 403) == let_in, (method, path, scope, answer.text)
            assert answer.status_code != 401
            if not let_in:
                assert answer.json()["type"] == "urn:heavylift:problem:scope-missing"
                assert all(name in answer.json()["detail"] for name in asked)
                assert f'scope="{" ".join(sorted(asked))}"' in answer.headers["www-authenticate"]


async def test_without_a_key_no_route_that_asks_for_one_answers_anything_else(closed: InProcessApi) -> None:
    for method, path, _ in _guarded():
        answer = await _ask(closed, method, path, {})

        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"] == 'Bearer realm="heavylift"'
        assert answer.json()["detail"] == "no key came with the request; send it as Authorization: Bearer hl_…"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_probes_and_metrics_ask_for_no_key(closed: InProcessApi, path: str) -> None:
    assert (await closed.get(path)).status_code == 200


async def test_what_is_not_there_is_not_there_for_anybody(closed: InProcessApi) -> None:
    assert (await closed.get("/v1/secrets")).status_code == 404
    wrong = await closed.client.put("/v1/tasks", headers=JSON, content=b"{}")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer hl_",
        "Basic dXNlcjpwYXNz",
        "bearer hl_0123456789ab_short",
        "Bearer " + "x" * 5000,
        "\xff\xfe",
    ],
)
async def test_what_is_no_key_is_refused_and_not_told_again(closed: InProcessApi, said: str) -> None:
    answer = await closed.client.get("/v1/tasks", headers=[(b"authorization", said.encode("latin-1"))])

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert "short" not in answer.text
    assert "xxxx" not in answer.text


async def test_a_wrong_secret_of_a_known_key_is_refused_and_told_nowhere(
    closed: InProcessApi, store: RedisStore, capfd: pytest.CaptureFixture[str]
) -> None:
    right = make_key(store, Scope.READ)
    wrong = new_key(right.id)

    answer = await closed.client.get("/v1/tasks", headers=bearer(wrong))

    assert answer.status_code == 401
    said = answer.text + str(answer.headers) + (await closed.get("/metrics")).text + "".join(capfd.readouterr())
    assert wrong.text[16:] not in said
    assert 'heavylift_api_keys_refused_total{reason="wrong"} 1.0' in said


async def test_a_key_is_made_used_rotated_and_revoked(closed: InProcessApi, store: RedisStore) -> None:
    admin = bearer(make_key(store, Scope.ADMIN))
    body = {"name": "the shop", "scopes": ["submit", "read", "read"], "expires_in": 3600}

    # When a key is made, then it is told once, and good at once
    made = await closed.client.post("/v1/keys", json=body, headers=admin)
    assert made.status_code == 201, made.text
    assert made.headers["cache-control"] == "no-store"
    first, id_ = made.json()["key"], made.json()["id"]
    assert made.json()["scopes"] == ["submit", "read"]
    assert (await closed.client.get("/v1/tasks", headers=bearer(first))).status_code == 200
    listed = await closed.client.get("/v1/keys", headers=admin)
    assert first[16:] not in listed.text
    assert id_ in [key["id"] for key in listed.json()["keys"]]

    # When it is rotated, then both secrets are good, and with the next rotation without grace only the newest
    second = (await closed.client.post(f"/v1/keys/{id_}/rotate", json={"grace": 600}, headers=admin)).json()["key"]
    await _until(closed, second, 200)
    assert (await closed.client.get("/v1/tasks", headers=bearer(first))).status_code == 200
    third = (await closed.client.post(f"/v1/keys/{id_}/rotate", json={"grace": 0}, headers=admin)).json()["key"]
    await _until(closed, second, 401)
    assert (await closed.client.get("/v1/tasks", headers=bearer(first))).status_code == 401
    assert (await closed.client.get("/v1/tasks", headers=bearer(third))).status_code == 200

    # When it is revoked, then it is good for nothing, says so, and gets no other secret
    assert (await closed.client.delete(f"/v1/keys/{id_}", headers=admin)).json()["revoked_at"] is not None
    refused = await _until(closed, third, 401)
    assert refused.json()["detail"] == "the key was revoked; ask for another one"
    again = await closed.client.post(f"/v1/keys/{id_}/rotate", json={}, headers=admin)
    assert (again.status_code, again.json()["type"]) == (409, "urn:heavylift:problem:key-over")
    assert (await closed.client.delete("/v1/keys/unknown", headers=admin)).status_code == 404


async def _until(api: InProcessApi, key: str, status: int) -> httpx.Response:
    """The answer to a key once it is ``status``, which takes no longer than a process may know what was."""
    async with asyncio.timeout(FAST + 2):
        while (answer := await api.client.get("/v1/tasks", headers=bearer(key))).status_code != status:
            await asyncio.sleep(0.02)  # until the process has asked Redis again
    return answer


async def test_a_key_that_expires_is_refused_from_that_moment_on(closed: InProcessApi, store: RedisStore) -> None:
    key = make_key(store, Scope.READ, lifetime=0.5)
    assert (await closed.client.get("/v1/tasks", headers=bearer(key))).status_code == 200

    refused = await _until(closed, key.text, 401)

    assert refused.json()["detail"] == "the key has expired; ask for another one"


async def test_when_a_key_was_used_is_known_soon_and_costs_no_write_a_request(closed: InProcessApi, store: RedisStore) -> None:
    key = make_key(store, Scope.READ)
    for _ in range(50):
        assert (await closed.client.get("/v1/catalogue", headers=bearer(key))).status_code == 200

    async def used() -> Any:
        return next(known.used_at for known in store.run(calls.ReadKeys()).keys or () if known.id == key.id)

    async with asyncio.timeout(5):
        while await used() is None:
            await asyncio.sleep(0.02)  # until the process has told it


async def test_who_is_known_is_let_in_without_asking_redis(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    key = make_key(store, Scope.READ)
    async with running_api(redis_server.url, namespace, auth="on", key_age=60) as api:
        assert (await api.client.get("/v1/catalogue", headers=bearer(key))).status_code == 200
        before = _commands(store)
        for _ in range(100):
            assert (await api.client.get("/v1/catalogue", headers=bearer(key))).status_code == 200
            assert (await api.client.get("/v1/catalogue", headers=bearer(new_key(key.id)))).status_code == 401

        assert _commands(store) - before < 10, "the API and its tests share the server with nobody who is busy"


def _commands(store: RedisStore) -> int:
    """Scripts that ran in this store's namespace cannot be told apart, so: evaluations on the server."""
    stats: Any = store._client.info("commandstats")
    return sum(int(stats.get(f"cmdstat_{name}", {}).get("calls", 0)) for name in ("evalsha", "eval"))


async def test_a_flood_of_unknown_keys_asks_redis_a_few_times_a_second(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    make_key(store, Scope.READ)
    async with running_api(redis_server.url, namespace, auth="on", key_age=60) as api:
        began, before = asyncio.get_running_loop().time(), _commands(store)
        for _ in range(3):
            flood = [api.client.get("/v1/tasks", headers=bearer(new_key())) for _ in range(100)]
            assert {answer.status_code for answer in await asyncio.gather(*flood)} == {401}
        seconds = asyncio.get_running_loop().time() - began

        assert _commands(store) - before <= 10 + 6 * seconds
        assert 'heavylift_api_keys_refused_total{reason="unknown"} 300.0' in (await api.get("/metrics")).text


async def test_what_tasks_carry_is_shown_to_who_may_see_it(closed: InProcessApi, store: RedisStore) -> None:
    submits = bearer(make_key(store, Scope.SUBMIT))
    task = (
        await closed.client.post(
            "/v1/tasks", json={"kind": "images.thumbnail", "payload": {"source": "a.jpg", "width": 1}}, headers=submits
        )
    ).json()
    seeing = bearer(make_key(store, Scope.READ, Scope.PAYLOAD))
    blind = bearer(make_key(store, Scope.READ))

    seen = (await closed.client.get(task["href"], headers=seeing)).json()
    unseen = (await closed.client.get(task["href"], headers=blind)).json()

    assert (seen["payload"], seen["redacted"]) == ({"source": "a.jpg", "width": 1}, False)
    assert (unseen["payload"], unseen["result"], unseen["redacted"]) == (None, None, True)
    assert {name for name in seen if seen[name] != unseen[name]} == {"payload", "redacted"}


async def test_an_administrator_of_a_tenant_has_to_do_with_its_keys_only(closed: InProcessApi, store: RedisStore) -> None:
    acme, other = make_key(store, Scope.ADMIN, tenant="acme"), make_key(store, Scope.READ, tenant="other")
    body = {"name": "x", "scopes": ["read"]}

    made = (await closed.client.post("/v1/keys", json=body, headers=bearer(acme))).json()
    assert made["tenant"] == "acme"
    for tenant in ("other", ""):
        refused = await closed.client.post("/v1/keys", json=body | {"tenant": tenant}, headers=bearer(acme))
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "tenant")
    listed = (await closed.client.get("/v1/keys", headers=bearer(acme))).json()["keys"]
    assert {key["id"] for key in listed} == {acme.id, made["id"]}
    assert (await closed.client.delete(f"/v1/keys/{other.id}", headers=bearer(acme))).status_code == 404
    assert (await closed.client.post(f"/v1/keys/{other.id}/rotate", json={}, headers=bearer(acme))).status_code == 404


async def test_the_first_key_comes_from_its_file_and_is_not_brought_back_once_revoked(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str, tmp_path: Path
) -> None:
    file, key = tmp_path / "key", new_key()
    file.write_text(f"{key.text}\n")
    async with running_api(redis_server.url, namespace, auth="on", first_key_file=file) as api:
        assert (await api.client.get("/v1/keys", headers=bearer(key))).status_code == 200
        await api.client.delete(f"/v1/keys/{key.id}", headers=bearer(key))

    async with running_api(redis_server.url, namespace, auth="on", first_key_file=file) as api:
        assert (await api.client.get("/v1/keys", headers=bearer(key))).status_code == 401
        # A new one in the file counts without a restart
        other = new_key()
        file.write_text(other.text)
        await _until_let_in(api, other)


async def _until_let_in(api: InProcessApi, key: KeyText) -> None:
    async with asyncio.timeout(5):
        while (await api.client.get("/v1/keys", headers=bearer(key))).status_code != 200:
            await asyncio.sleep(0.05)  # until the file is read again


async def test_a_first_key_that_nobody_gave_is_made_and_told_once(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running_api(redis_server.url, namespace, auth="on") as one, running_api(redis_server.url, namespace, auth="on"):
        async with asyncio.timeout(5):
            while not (found := re.findall(r"hl_\w+", said := "".join(capfd.readouterr()))):
                await asyncio.sleep(0.02)  # until one of them has made it
        assert said.count("told this once") == 1
        key = read_key(found[0])
        assert key is not None
        assert (await one.client.get("/v1/keys", headers=bearer(key))).json()["keys"][0]["scopes"] == ["admin"]
        assert len(store.run(calls.ReadKeys()).keys or ()) == 1

    async with running_api(redis_server.url, namespace, auth="on") as again:
        await again.client.get("/v1/keys", headers=bearer(key))
        assert "hl_" not in "".join(capfd.readouterr())


def test_to_ask_for_no_key_is_refused_where_others_could_come() -> None:
    for host in (
        "0.0.0.0",  # noqa: S104  it is refused
        "::",
        "10.1.2.3",
        "heavylift.example",
    ):
        with pytest.raises(ConfigurationInvalid, match=rf"HEAVYLIFT_AUTH is off and HEAVYLIFT_API_HOST is {host}, where others"):
            create_app(ApiSettings(host=host, access=AccessSettings(auth="off")))
    for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost"):
        create_app(ApiSettings(host=host, access=AccessSettings(auth="off")))


def test_a_file_without_a_key_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("secret")

    with pytest.raises(ConfigurationInvalid, match=r"there is no key in .*; make one with `heavylift keys generate`"):
        create_app(ApiSettings(first_key_file=file))


def test_no_example_in_the_description_is_a_key() -> None:
    found = re.findall(r"hl_[0-9A-Za-z_-]+", json.dumps(document()))

    assert found
    assert [text for text in found if read_key(text)] == []
