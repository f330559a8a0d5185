"""Long polls: answered when their task ends, and by nothing later."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.record import Delivery
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.calls import Call, Ended, Read
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter
from heavylift_api.callers import ANYBODY
from heavylift_api.deadline import TimelyStore
from heavylift_api.observe import Observer
from heavylift_api.waiters import Waiters
from tests.support.api import ApiProcess
from tests.support.asgi import InProcessApi, running_api
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually_async
from tests.support.problems import problem


def _take(store: RedisStore, count: int = 1) -> list[Delivery]:
    submit(store, count)
    register(store)
    deliveries = claim(store, count)
    assert len(deliveries) == count
    return deliveries


def _succeed(store: RedisStore, *deliveries: Delivery) -> None:
    store.run(calls.Complete(tuple(Ended(delivery.id, delivery.fence, Succeeded("1")) for delivery in deliveries)))


async def _poll(api: InProcessApi, id_: str, wait: float = 20) -> tuple[str, datetime]:
    """The state that was answered, and when."""
    answer = await api.get(f"/v1/tasks/{id_}", wait=wait)
    assert answer.status_code == 200, answer.text
    return answer.json()["state"], datetime.now(UTC)


async def _polls(api: InProcessApi, store: RedisStore, *ids: str) -> list["asyncio.Task[tuple[str, datetime]]"]:
    """A long poll for each id; the store knows that their ends are waited for."""
    polls = [asyncio.create_task(_poll(api, id_)) for id_ in ids]
    await eventually_async(lambda: _watchers(store, *ids), holds=lambda each: 0 not in each, claim="the polls have begun")
    return polls


async def _waited_for(api: InProcessApi) -> frozenset[str]:
    return api.state["waiters"].waited_for


async def test_a_task_that_has_ended_is_answered_at_once(api: InProcessApi, store: RedisStore) -> None:
    (delivery,) = _take(store)
    _succeed(store, delivery)
    began = time.perf_counter()

    assert (await _poll(api, delivery.id))[0] == "succeeded"

    assert time.perf_counter() - began < 2


async def test_the_end_of_a_running_task_is_answered_within_200_ms(api: InProcessApi, store: RedisStore) -> None:
    delays = []
    for _ in range(7):
        (delivery,) = _take(store)
        (poll,) = await _polls(api, store, delivery.id)
        _succeed(store, delivery)
        state, answered = await poll
        record = store.run(Read(delivery.id))
        assert record is not None
        assert record.ended_at is not None
        assert state == "succeeded"
        delays.append((answered - record.ended_at).total_seconds())

    assert sorted(delays)[3] < 0.2, delays


@pytest.mark.parametrize("wait", [0, 0.3])
async def test_a_wait_that_is_over_is_answered_with_the_task_as_it_is(api: InProcessApi, store: RedisStore, wait: float) -> None:
    (id_,) = submit(store)
    began = time.perf_counter()

    assert (await _poll(api, id_, wait))[0] == "queued"

    assert wait <= time.perf_counter() - began < wait + 2


async def test_a_wait_is_cut_to_the_limit_of_the_service(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> None:
    (id_,) = submit(store)
    async with running_api(redis_server.url, namespace, longest_wait=0.1) as api:
        began = time.perf_counter()

        assert (await _poll(api, id_, 1e9))[0] == "queued"

        assert time.perf_counter() - began < 3


class EndsAfterTheLook(AsyncRedisStore):
    """The real store, where the task ends in the moment after the API has looked at it and before it can fall asleep."""

    end: Any

    async def run(self, call: Call[Any]) -> Any:
        reply = await super().run(call)
        if isinstance(call, Read) and self.end is not None:
            end, self.end = self.end, None
            end()
        return reply


async def test_an_end_between_the_look_and_the_sleep_is_not_missed(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    (delivery,) = _take(store)
    treacherous = EndsAfterTheLook.from_url(redis_server.url, namespace=namespace)
    treacherous.end = lambda: _succeed(store, delivery)
    waiters = Waiters(treacherous, patience=1.5)
    following = asyncio.create_task(waiters.follow())
    try:
        async with asyncio.timeout(5):
            view = await Observer(TimelyStore(treacherous, Reporter(), 1.5), waiters, longest_wait=60).wait(
                ANYBODY, delivery.id, 60
            )
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await treacherous.close()

    assert view.state == "succeeded"


async def test_no_end_is_missed_at_whatever_moment_it_comes(api: InProcessApi, store: RedisStore) -> None:
    deliveries = _take(store, 60)

    async def poll_while_it_ends(number: int, delivery: Delivery) -> str:
        poll = asyncio.create_task(_poll(api, delivery.id))
        await asyncio.sleep(number * 0.0003)
        _succeed(store, delivery)
        return (await poll)[0]

    async with asyncio.timeout(10):
        states = await asyncio.gather(*(poll_while_it_ends(n, delivery) for n, delivery in enumerate(deliveries)))

    assert set(states) == {"succeeded"}


async def test_an_end_while_the_subscription_is_cut_is_noticed_when_it_is_back(api: InProcessApi, store: RedisStore) -> None:
    (delivery,) = _take(store)
    (poll,) = await _polls(api, store, delivery.id)

    store._client.client_kill_filter(_type="pubsub")
    _succeed(store, delivery)  # the event loop has not run since: nobody hears this

    async with asyncio.timeout(5):
        assert (await poll)[0] == "succeeded"


async def test_a_subscription_that_is_cut_again_and_again_does_not_end_a_poll(api: InProcessApi, store: RedisStore) -> None:
    (delivery,) = _take(store)
    (poll,) = await _polls(api, store, delivery.id)

    for _ in range(5):
        await eventually_async(lambda: _subscriptions(api, store), holds=lambda count: count == 1, claim="one subscription")
        store._client.client_kill_filter(_type="pubsub")
    assert not poll.done()
    _succeed(store, delivery)

    assert (await poll)[0] == "succeeded"


async def test_many_polls_are_served_by_one_subscription(api: InProcessApi, store: RedisStore) -> None:
    one, other = _take(store, 2)
    polls = await _polls(api, store, *([one.id] * 40), *([other.id] * 10))

    assert await _subscriptions(api, store) == 1
    subscribed = [c for c in store._client.client_list(_type="pubsub") if c["sub"] != "0"]
    assert len(subscribed) == 1, subscribed
    _succeed(store, one)
    states = await asyncio.gather(*polls[:40])
    assert {state for state, _ in states} == {"succeeded"}
    assert not any(poll.done() for poll in polls[40:]), "the end of one task is not that of another"
    _succeed(store, other)
    await asyncio.gather(*polls[40:])
    assert api.state["waiters"].waited_for == frozenset()


async def test_a_poll_is_given_up_when_its_client_is_gone(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)
    gone = asyncio.Event()
    sent: list[Any] = []
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        if (message := next(messages, None)) is not None:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/v1/tasks/{id_}",
        "raw_path": b"",
        "query_string": b"wait=60",
        "headers": [],
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1),
    }
    request = asyncio.ensure_future(api.asgi(scope, receive, send))
    await eventually_async(lambda: _waited_for(api), holds=lambda waited: waited == {id_}, claim="the poll has begun")

    gone.set()

    async with asyncio.timeout(5):
        await request
    assert api.state["waiters"].waited_for == frozenset()
    assert sent[0]["status"] == 499


@pytest.mark.parametrize("end", ["cancel", "expire"])
async def test_every_kind_of_end_is_answered(api: InProcessApi, store: RedisStore, end: str) -> None:
    (id_,) = submit(store, **({"expires_at": datetime.now(UTC)} if end == "expire" else {}))
    (poll,) = await _polls(api, store, id_)

    store.run(calls.Cancel(id_) if end == "cancel" else calls.Promote())

    assert (await poll)[0] == {"cancel": "cancelled", "expire": "expired"}[end]


async def test_those_who_wait_are_sent_home_when_the_process_is_to_end(api: InProcessApi, store: RedisStore) -> None:
    ids = submit(store, 3)
    polls = await _polls(api, store, *ids)

    api.state["waiters"].drain()

    async with asyncio.timeout(3):
        assert {state for state, _ in await asyncio.gather(*polls)} == {"queued"}
    told = problem(await api.get("/readyz"), 503, "not-ready", "process")
    assert "shutting down" in told["detail"]


@pytest.fixture
async def other_process(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> AsyncIterator[ApiProcess]:
    with ApiProcess(redis_server.url, namespace) as process:
        yield process


async def test_a_task_is_submitted_at_one_process_and_followed_at_another(
    api: InProcessApi, store: RedisStore, other_process: ApiProcess
) -> None:
    register(store)
    async with httpx.AsyncClient(base_url=other_process.base, timeout=30) as other:
        there = (await other.post("/v1/tasks", json={"kind": "demo.anything"})).json()["id"]
        here = (await api.submit("demo.anything")).json()["id"]
        assert [task["id"] for task in (await api.get("/v1/tasks")).json()["tasks"]] == [here, there]
        polls = [
            asyncio.create_task(client.get(f"/v1/tasks/{id_}", params={"wait": 20}))
            for client in (api.client, other)
            for id_ in (here, there)
        ]
        await eventually_async(lambda: _watchers(store, here, there), holds=lambda each: each == [2, 2], claim="all wait")

        _succeed(store, *claim(store, 2))

        async with asyncio.timeout(5):
            answers = await asyncio.gather(*polls)
    assert [answer.json()["state"] for answer in answers] == ["succeeded"] * 4


async def _watchers(store: RedisStore, *ids: str) -> list[int]:
    return [len((store._client.hget(f"{store.partition}:task:{id_}", "watchers") or "").split()) for id_ in ids]


async def _subscriptions(api: InProcessApi, store: RedisStore) -> int:
    return int(dict(store._client.pubsub_numsub(api.state["waiters"].channel))[api.state["waiters"].channel])
