"""A Redis that three sentinels watch: whatever happens to its primary, the next calls find the new one by themselves."""

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from heavylift.errors import HeavyliftError, StoreRefused, StoreUnavailable
from heavylift.record import Submission
from heavylift.settings import StoreSettings
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.redis import RedisStore
from heavylift.store.route import AGE
from tests.support.eventually import eventually, eventually_async
from tests.support.redis_node import Node
from tests.support.watched_redis import PASSWORD, SENTINEL_PASSWORD, SERVICE, WatchedRedis


@pytest.fixture
def redis_() -> Iterator[WatchedRedis]:
    with WatchedRedis() as watched:
        yield watched


def one_more() -> calls.Submit:
    return calls.Submit((Submission(kind="demo.work", payload="{}"),))


@contextmanager
def killed(redis_: WatchedRedis) -> Iterator[None]:
    redis_.kill_primary()
    yield


@contextmanager
def hanging(redis_: WatchedRedis) -> Iterator[None]:
    with redis_.hanging_primary():
        yield


@contextmanager
def planned(redis_: WatchedRedis) -> Iterator[None]:
    redis_.fail_over()
    yield


@pytest.mark.parametrize("failover", [killed, hanging, planned])
async def test_blocking_and_asyncio_code_go_on_at_the_new_primary(
    redis_: WatchedRedis, failover: Callable[[WatchedRedis], AbstractContextManager[None]]
) -> None:
    store, asyncio_store = RedisStore.from_url(redis_.url, timeout=1.0), AsyncRedisStore.from_url(redis_.url, timeout=1.0)
    await asyncio.gather(*(asyncio_store.run(one_more()) for _ in range(12)))  # so that many connections stand
    before = redis_.primary()
    store.run(one_more())

    with failover(redis_):
        now = await asyncio.to_thread(redis_.primary)
        began = time.monotonic()
        await asyncio.gather(
            asyncio.to_thread(eventually, lambda: _takes(store), within=5, claim="a submit by blocking code"),
            eventually_async(lambda: _takes_many(asyncio_store), within=5, claim="submits by asyncio code, on all connections"),
        )
        assert time.monotonic() - began < 2.5  # a connection that hangs is given up after one, and one more for its successor

    assert now is not before
    assert store.run(calls.Statistics()).queues[0].submitted >= 13
    store.close()
    await asyncio_store.close()


def _takes(store: RedisStore) -> bool:
    try:
        store.run(one_more())
    except StoreUnavailable:
        return False
    return True


async def _takes_many(store: AsyncRedisStore) -> bool:
    answers = await asyncio.gather(*(store.run(one_more()) for _ in range(12)), return_exceptions=True)
    return not any(isinstance(answer, HeavyliftError) for answer in answers)


def test_a_sentinel_that_hangs_or_is_gone_holds_up_nobody(redis_: WatchedRedis) -> None:
    hung, gone, _ = redis_.sentinels
    hung.send(signal.SIGSTOP)
    gone.end()
    try:
        began = time.monotonic()
        with RedisStore.from_url(redis_.url) as store:
            store.run(one_more())
        assert time.monotonic() - began < 1
    finally:
        hung.send(signal.SIGCONT)


def test_names_that_cannot_be_resolved_hold_up_nobody_who_is_connected(
    redis_: WatchedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolvable = threading.Event()
    resolve = socket.getaddrinfo

    def resolve_in_time(host: str, *args: Any, **kwargs: Any) -> Any:
        if host == "localhost":
            resolvable.wait(10)
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_in_time)
    with RedisStore.from_url(redis_.url.replace("127.0.0.1", "localhost")) as store:
        # Given a connection that stands
        resolvable.set()
        store.run(one_more())

        # When names cannot be resolved, for much longer than what the sentinels have said is believed
        resolvable.clear()
        slowest, since = 0.0, time.monotonic()
        while (began := time.monotonic()) < since + 3 * AGE:
            store.run(one_more())
            slowest = max(slowest, time.monotonic() - began)
        resolvable.set()

    assert slowest < 1


def test_without_any_sentinel_it_is_told_which_were_asked(redis_: WatchedRedis) -> None:
    for sentinel in redis_.sentinels:
        sentinel.end()

    with RedisStore.from_url(redis_.url) as store, pytest.raises(StoreUnavailable) as told:
        store.run(one_more())

    assert all(f"127.0.0.1:{sentinel.port}" in str(told.value) for sentinel in redis_.sentinels)


async def test_who_knows_the_primary_does_without_sentinels(redis_: WatchedRedis) -> None:
    store, asyncio_store = RedisStore.from_url(redis_.url), AsyncRedisStore.from_url(redis_.url)
    store.run(one_more())
    await asyncio_store.run(one_more())
    for sentinel in redis_.sentinels:
        sentinel.end()

    redis_.servers[0].says("CLIENT", "KILL", "TYPE", "normal")
    eventually(lambda: _takes(store), within=5, claim="a submit over a new connection")
    await eventually_async(lambda: _takes_many(asyncio_store), within=5, claim="submits over new connections")
    store.close()
    await asyncio_store.close()


async def test_an_old_primary_that_lives_on_is_left_before_anybody_has_told_it(redis_: WatchedRedis) -> None:
    """Sentinels tell it some ten seconds after they have made another the primary, and until then it takes writes."""
    store, asyncio_store = RedisStore.from_url(redis_.url), AsyncRedisStore.from_url(redis_.url)
    await asyncio.gather(*(asyncio_store.run(one_more()) for _ in range(12)))
    store.run(one_more())
    old = redis_.primary()
    redis_.begin_failover()
    new = await asyncio.to_thread(redis_.successor, old)

    eventually(lambda: _reaches(store, new), within=5, claim="a submit at the new primary")
    await asyncio.sleep(AGE)  # of what the sentinels have said
    await asyncio_store.run(one_more())
    calls_ = [one_more() for _ in range(12)]
    await asyncio.gather(*map(asyncio_store.run, calls_))

    assert old.says("ROLE")[0] == "master", "nobody has told it yet"
    assert all(_has(new, call) for call in calls_)
    store.close()
    await asyncio_store.close()


def _reaches(store: RedisStore, node: Node) -> bool:
    call = one_more()
    store.run(call)
    return _has(node, call)


def _has(node: Node, call: calls.Submit) -> bool:
    return bool(node.says("EXISTS", f"heavylift:{{p0}}:task:{call.tasks[0].id}"))


def test_a_service_that_the_sentinels_do_not_know_is_told_by_its_name(redis_: WatchedRedis) -> None:
    url = redis_.url.replace(SERVICE, "other")

    with RedisStore.from_url(url) as store, pytest.raises(StoreUnavailable, match=r"'other'.*No such master with that name"):
        store.run(one_more())


def test_redis_and_sentinels_each_have_their_password() -> None:
    with WatchedRedis(locked=True) as redis_:
        settings: dict[str, Any] = {"url": redis_.url, "sentinel_password": SENTINEL_PASSWORD}
        with RedisStore.of(StoreSettings(**settings)) as store:
            store.run(one_more())
        told = _refusal(StoreSettings(url=redis_.url))
        refused = _refusal(StoreSettings(**settings | {"url": redis_.url.replace(PASSWORD, "hunter2")}))

    assert "HEAVYLIFT_STORE_SENTINEL_PASSWORD" in str(told)
    assert isinstance(refused, StoreRefused)
    assert "WRONGPASS" in str(refused)
    assert not any(password in f"{told} {refused}" for password in (PASSWORD, "hunter2"))


def _refusal(settings: StoreSettings) -> HeavyliftError:
    with RedisStore.of(settings) as store, pytest.raises(HeavyliftError) as told:
        store.run(one_more())
    return told.value
