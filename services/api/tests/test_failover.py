"""While another server becomes the primary those who ask wait for it together, and are answered."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.redis import RedisStore
from heavylift_api import failover
from heavylift_api.failover import Failover
from tests.support.asgi import running_api
from tests.support.consumer import submit
from tests.support.kinds import KINDS
from tests.support.problems import problem
from tests.support.watched_redis import WatchedRedis

CROWD = 100


@pytest.fixture
def own_redis() -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis() as server:
        yield server


@pytest.fixture
async def own_store(own_redis: EmbeddedRedis) -> AsyncIterator[AsyncRedisStore]:
    store = AsyncRedisStore.from_url(own_redis.url)
    yield store
    await store.close()


async def test_one_asks_for_all_who_wait_whether_it_has_ended(own_redis: EmbeddedRedis, own_store: AsyncRedisStore) -> None:
    own_redis.kill()
    crowd = Failover(own_store)
    waiting = asyncio.gather(*(crowd.ends(within=10) for _ in range(CROWD)))
    await _is_looked_for(own_redis, often=2)

    await asyncio.to_thread(own_redis.start)

    assert await waiting == [True] * CROWD
    with RedisStore.from_url(own_redis.url) as store:
        assert store._client.info("commandstats")["cmdstat_ping"]["calls"] < CROWD / 10


async def test_who_has_waited_long_enough_is_told(own_redis: EmbeddedRedis, own_store: AsyncRedisStore) -> None:
    own_redis.kill()

    assert await asyncio.gather(*(Failover(own_store).ends(within=0.2) for _ in range(3))) == [False] * 3


async def test_nobody_waits_for_one_that_does_not_end_until_it_was_over(
    own_redis: EmbeddedRedis, own_store: AsyncRedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failover, "LONGEST", 0.1)
    own_redis.kill()
    long = Failover(own_store)
    assert not await long.ends(within=0.2)

    async with asyncio.timeout(5):
        assert not await long.ends(within=60)

    own_redis.start()
    long.over()
    assert await long.ends(within=60)


async def test_who_asks_while_sentinels_are_about_to_name_another_primary_is_answered(namespace: str) -> None:
    with WatchedRedis() as redis_:
        with RedisStore.from_url(redis_.url, namespace=namespace) as store:
            store.run(calls.Publish(KINDS))
            (id_,) = submit(store)
        async with running_api(redis_.url, namespace, redis_deadline=20) as api:
            await api.get("/v1/catalogue")  # so that the kinds are known

            # Given a primary that the sentinels hold for dead, and none that could take its place yet
            old = redis_.primary()
            replicas = [server for server in redis_.servers if server is not old]
            for replica in replicas:
                replica.send(signal.SIGSTOP)
            old.end()
            await asyncio.to_thread(redis_.await_word_of_death)

            # When many ask before another is named
            submissions = asyncio.gather(*(api.submit() for _ in range(CROWD)))
            reading = asyncio.create_task(api.get(f"/v1/tasks/{id_}"))
            for replica in replicas:
                replica.send(signal.SIGCONT)

            # Then none of them is refused
            assert [answer.status_code for answer in await submissions] == [202] * CROWD
            assert (await reading).status_code == 200


async def test_when_no_other_can_be_named_it_is_told_in_time(namespace: str) -> None:
    with WatchedRedis() as redis_:
        with RedisStore.from_url(redis_.url, namespace=namespace) as store:
            store.run(calls.Publish(KINDS))
        async with running_api(redis_.url, namespace) as api:
            await api.get("/v1/catalogue")
            for server in redis_.servers:
                server.end()
            await asyncio.to_thread(redis_.await_word_of_death)

            answer = await api.submit()

            assert "they are about to name another" in problem(answer, 503, "store-unavailable")["detail"]
            assert answer.headers["retry-after"] == "1"


async def _is_looked_for(server: EmbeddedRedis, *, often: int) -> None:
    """In its place, take so many connections, and close each without a word."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", server.port)) as stand_in:
        stand_in.setblocking(False)
        for _ in range(often):
            connection, _ = await loop.sock_accept(stand_in)
            connection.close()
