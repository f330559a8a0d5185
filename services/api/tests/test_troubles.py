"""Redis answers, and takes nothing in: each trouble is told by what mends it, readiness tells the same, and both end with it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, running_api
from tests.support.eventually import eventually, eventually_async
from tests.support.kinds import KINDS
from tests.support.problems import problem

#: How Redis is hurt, how it is mended, and by which problem and word it is told.
TROUBLES: dict[str, tuple[dict[str, str], dict[str, str], str, str]] = {
    "full": ({"maxmemory": "100kb"}, {"maxmemory": "0"}, "store-refused", "maxmemory"),
    "without replicas": (
        {"min-replicas-to-write": "1"},
        {"min-replicas-to-write": "0"},
        "store-refused",
        "min-replicas-to-write",
    ),
    "a replica": ({"replicaof": "127.0.0.1 1"}, {"replicaof": "NO ONE"}, "store-unavailable", "is a replica"),
    "with a broken disk": ({"save": "3600 1"}, {"stop-writes-on-bgsave-error": "no"}, "store-refused", "disk"),
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A server that a test may hurt."""
    server = EmbeddedRedis(directory=tmp_path / "redis").start()
    yield server
    server.kill()  # in order it would not end: it could not write its data


@pytest.fixture
def client(server: EmbeddedRedis) -> Iterator[Any]:
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        yield client


@pytest.fixture
async def api(server: EmbeddedRedis, namespace: str) -> AsyncIterator[InProcessApi]:
    with RedisStore.from_url(server.url, namespace=namespace) as store:
        store.run(calls.Publish(KINDS))
    async with running_api(server.url, namespace) as running:
        await running.get("/v1/catalogue")  # so that the kinds are known
        yield running


def _set(client: Any, settings: dict[str, str], folder: Path) -> None:
    for name, value in settings.items():
        if name == "replicaof":
            client.execute_command("REPLICAOF", *value.split())
        else:
            client.config_set(name, value)
    if "save" in settings:
        shutil.rmtree(folder)
        client.bgsave()
        eventually(lambda: client.info("persistence")["rdb_last_bgsave_status"], holds="err".__eq__, claim="a failed save")


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_refuses_submissions_is_told_and_makes_the_process_unready(
    api: InProcessApi, client: Any, tmp_path: Path, trouble: str
) -> None:
    hurt, mended, name, word = TROUBLES[trouble]
    await eventually_async(lambda: api.get("/readyz"), holds=lambda a: a.status_code == 200, claim="readiness")
    _set(client, hurt, tmp_path / "redis")

    assert word in problem(await api.submit(), 503, name)["detail"]
    unready = await eventually_async(
        lambda: api.get("/readyz"), holds=lambda a: a.status_code == 503, within=2, claim="unreadiness"
    )
    assert word in problem(unready, 503, "not-ready", "redis")["detail"]

    _set(client, mended, tmp_path / "redis")
    assert (
        await eventually_async(api.submit, holds=lambda a: a.status_code == 202, within=1, claim="a submit")
    ).status_code == 202
    await eventually_async(lambda: api.get("/readyz"), holds=lambda a: a.status_code == 200, within=2, claim="readiness")


async def test_a_full_redis_still_tells_of_its_tasks_and_of_their_ends(api: InProcessApi, client: Any) -> None:
    task = (await api.submit()).json()
    client.config_set("maxmemory", "100kb")

    assert (await api.get(task["href"])).json()["state"] == "queued"
    assert (await api.get(task["href"], wait=0.1)).json()["state"] == "queued"
    assert [one["id"] for one in (await api.get("/v1/tasks")).json()["tasks"]] == [task["id"]]


async def test_many_who_ask_for_readiness_ask_redis_once(api: InProcessApi, client: Any) -> None:
    await api.get("/readyz")
    client.config_resetstat()

    for _ in range(20):
        assert (await api.get("/readyz")).status_code == 200

    scripts = client.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"]
    assert scripts <= 2, "one each second"


async def test_a_service_that_promises_replicas_is_not_ready_without_any(server: EmbeddedRedis, namespace: str) -> None:
    async with running_api(server.url, namespace, store_settings={"durability": "replica"}) as api:
        told = problem(await api.get("/readyz"), 503, "not-ready", "redis")

    assert "Redis has no replica" in told["detail"]
