"""Redis away or silent: an answer within two seconds, and service again by itself when it is back."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Iterator

import httpx
import pytest

from heavylift.errors import StoreUnavailable
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Event, Reporter, StoreTrouble
from heavylift_api.deadline import TimelyStore
from heavylift_api.waiters import Waiters
from tests.support.asgi import InProcessApi, running_api
from tests.support.consumer import submit
from tests.support.eventually import eventually_async
from tests.support.kinds import KINDS
from tests.support.problems import problem

PROMPT = 2.0


class OwnRedis(EmbeddedRedis):
    """A server that a test may hurt."""

    def go(self, how: str) -> None:
        """Die, or fall silent with every connection open."""
        if how == "killed":
            self.kill()
        else:
            os.kill(self.pid, signal.SIGSTOP)

    def come_back(self, how: str) -> None:
        """Be there again; who was killed remembers nothing."""
        if how == "killed":
            self.start()
        else:
            os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self.running:
            os.kill(self.pid, signal.SIGCONT)
        super().stop()


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    with OwnRedis() as server:
        yield server


@pytest.fixture
def store(own_redis: OwnRedis, namespace: str) -> Iterator[RedisStore]:
    with RedisStore.from_url(own_redis.url, namespace=namespace) as store:
        store.run(calls.Publish(KINDS))
        yield store


@pytest.fixture
async def api(own_redis: OwnRedis, store: RedisStore, namespace: str) -> AsyncIterator[InProcessApi]:
    async with running_api(own_redis.url, namespace) as running:
        await running.get("/v1/catalogue")  # so that the kinds are known
        yield running


async def _all_timed(requests: dict[str, Awaitable[httpx.Response]]) -> dict[str, tuple[httpx.Response, float]]:
    """Ask everything at once; each answer with the seconds that it took."""
    began = time.perf_counter()

    async def timed(request: Awaitable[httpx.Response]) -> tuple[httpx.Response, float]:
        return await request, time.perf_counter() - began

    answers = await asyncio.gather(*map(timed, requests.values()))
    return dict(zip(requests, answers, strict=True))


@pytest.mark.parametrize("how", ["killed", "silent"])
async def test_without_redis_every_answer_is_prompt_and_service_resumes_by_itself(
    api: InProcessApi, own_redis: OwnRedis, store: RedisStore, how: str
) -> None:
    (id_,) = submit(store)
    running = asyncio.create_task(api.get(f"/v1/tasks/{id_}", wait=30))
    await eventually_async(lambda: _is_waited_for(api, id_), claim="the poll has begun")
    assert (await api.get("/readyz")).status_code == 200

    own_redis.go(how)
    answers = await _all_timed(
        {
            "a running poll": running,
            "submit": api.submit(),
            "submit an unknown kind": api.submit("no.such.kind"),
            "read": api.get(f"/v1/tasks/{id_}"),
            "poll": api.get(f"/v1/tasks/{id_}", wait=30),
            "list": api.get("/v1/tasks", state="queued"),
            "read an unknown kind": api.get("/v1/catalogue/no.such.kind"),
            "readyz": api.get("/readyz"),
            "livez": api.get("/livez"),
            "catalogue": api.get("/v1/catalogue"),
            "kind": api.get("/v1/catalogue/demo.anything"),
            "metrics": api.get("/metrics"),
            "a wrong payload": api.submit(payload={}),
            "a wrong body": api.submit_text("no JSON"),
        }
    )

    assert {name: seconds for name, (_, seconds) in answers.items() if seconds > PROMPT} == {}
    assert {name: answer.status_code for name, (answer, _) in answers.items() if answer.status_code != 503} == {
        "livez": 200,
        "catalogue": 200,
        "kind": 200,
        "metrics": 200,
        "a wrong payload": 422,
        "a wrong body": 400,
    }
    assert "Redis" in problem(answers.pop("readyz")[0], 503, "not-ready", "redis")["detail"]
    for answer, _ in answers.values():
        if answer.status_code == 503:
            problem(answer, 503, "store-unavailable")

    own_redis.come_back(how)
    await eventually_async(lambda: api.get("/readyz"), holds=lambda a: a.status_code == 200, within=2, claim="readiness")
    store.run(calls.Publish(KINDS))
    accepted = await api.submit()
    assert accepted.status_code == 202
    assert accepted.json()["id"] in {task["id"] for task in (await api.get("/v1/tasks")).json()["tasks"]}


@pytest.mark.parametrize(("how", "seconds"), [("killed", "2"), ("silent", "1")])
async def test_who_has_waited_for_an_answer_may_come_again_sooner(
    api: InProcessApi, own_redis: OwnRedis, how: str, seconds: str
) -> None:
    own_redis.go(how)

    answer = await api.submit()

    problem(answer, 503, "store-unavailable")
    assert answer.headers["retry-after"] == seconds


async def test_a_poll_outlives_a_short_silence(api: InProcessApi, own_redis: OwnRedis, store: RedisStore) -> None:
    (id_,) = submit(store)
    poll = asyncio.create_task(api.get(f"/v1/tasks/{id_}", wait=30))
    await eventually_async(lambda: _is_waited_for(api, id_), claim="the poll has begun")

    own_redis.go("silent")
    await asyncio.sleep(0.3)
    own_redis.come_back("silent")
    store.run(calls.Cancel(id_))

    async with asyncio.timeout(5):
        assert (await poll).json()["state"] == "cancelled"


async def test_who_asked_a_server_that_hands_over_is_asked_for_by_the_api_again_and_recorded_once(
    api: InProcessApi, own_redis: OwnRedis, store: RedisStore
) -> None:
    # Given a server that holds back writes, as before it hands over, and a submission that waits
    store._client.client_pause(10_000, all=False)
    submission = asyncio.create_task(api.submit())
    await eventually_async(lambda: _blocked(store), claim="a client that is held back")

    # When it sends its clients away, and another takes writes
    store._client.client_kill_filter(_type="normal", skipme=True)
    store._client.client_unpause()

    # Then nobody has noticed
    answer = await submission
    assert answer.status_code == 202, answer.text
    assert [task["id"] for task in (await api.get("/v1/tasks")).json()["tasks"]] == [answer.json()["id"]]


async def _blocked(store: RedisStore) -> int:
    return int(store._client.info("clients")["blocked_clients"])


async def test_a_silence_that_ends_just_before_it_is_noticed_leaves_no_harm(
    api: InProcessApi, own_redis: OwnRedis, store: RedisStore
) -> None:
    """The connection of the subscription outlives it, and what was given up before is taken up again."""
    (id_,) = submit(store)
    waiters = api.state["waiters"]
    await eventually_async(lambda: _is_linked(waiters), claim="the subscription")
    own_redis.go("silent")
    await eventually_async(lambda: _is_linked(waiters), holds=lambda linked: not linked, claim="the silence is noticed")

    own_redis.come_back("silent")

    await eventually_async(lambda: _is_linked(waiters), within=2, claim="the subscription is noticed")
    store.run(calls.Cancel(id_))
    assert (await api.get(f"/v1/tasks/{id_}", wait=5)).json()["state"] == "cancelled"


async def _is_linked(waiters: Waiters) -> bool:
    return waiters.is_linked


async def test_answers_after_a_silence_belong_to_their_questions(
    api: InProcessApi, own_redis: OwnRedis, store: RedisStore
) -> None:
    """What was asked and given up must not be read by who asks next on the same connection."""
    ids = submit(store, 40)
    own_redis.go("silent")
    await asyncio.gather(*(api.get(f"/v1/tasks/{id_}") for id_ in ids))
    own_redis.come_back("silent")
    await eventually_async(lambda: api.get("/readyz"), holds=lambda a: a.status_code == 200, within=2, claim="readiness")

    answers = await asyncio.gather(*(api.get(f"/v1/tasks/{id_}") for id_ in ids))

    assert [answer.json()["id"] for answer in answers] == ids


async def test_the_api_starts_without_redis_and_is_ready_when_it_comes(own_redis: OwnRedis, namespace: str) -> None:
    own_redis.kill()
    async with running_api(own_redis.url, namespace) as api:
        assert (await api.get("/livez")).status_code == 200
        problem(await api.get("/readyz"), 503, "not-ready", "redis")
        problem(await api.get("/v1/catalogue"), 503, "store-unavailable")
        problem(await api.submit(), 503, "store-unavailable")

        own_redis.start()

        await eventually_async(lambda: api.get("/readyz"), holds=lambda a: a.status_code == 200, within=2, claim="readiness")
        assert (await api.get("/v1/catalogue")).json() == {"kinds": []}


async def test_a_store_that_is_full_is_told_as_refusing(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)
    store._client.config_set("maxmemory", "1mb")

    told = problem(await api.submit(), 503, "store-refused")

    assert "maxmemory" in told["detail"]
    assert (await api.get(f"/v1/tasks/{id_}")).status_code == 200, "what is there can still be read"
    store._client.config_set("maxmemory", "0")
    assert (await api.submit()).status_code == 202


@pytest.mark.parametrize("how", ["killed", "silent"])
async def test_a_trouble_is_reported_once_however_deep_it_was_met(own_redis: OwnRedis, namespace: str, how: str) -> None:
    told: list[Event] = []
    store = AsyncRedisStore.from_url(own_redis.url, namespace=namespace)
    timely = TimelyStore(store, Reporter(told.append), seconds=0.2)
    own_redis.go(how)

    with pytest.raises(StoreUnavailable):
        async with timely.deadline():
            await timely.run(calls.Read("some-id"))

    await store.close()
    assert [type(event) for event in told] == [StoreTrouble]


async def _is_waited_for(api: InProcessApi, id_: str) -> bool:
    return id_ in api.state["waiters"].waited_for and api.state["waiters"].is_linked
