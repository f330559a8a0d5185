"""Idempotency-Key: whoever repeats a request makes no second task, and gets the answer to the first."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest

from heavylift.errors import StoreUnavailable
from heavylift.idempotency import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.redis import RedisStore
from heavylift_api.body import read_object
from heavylift_api.idempotency import fingerprint_of, read_key
from tests.support.api import ApiProcess
from tests.support.asgi import InProcessApi, refused, running_api
from tests.support.eventually import eventually_async
from tests.support.kinds import KINDS
from tests.support.problems import problem

BODY = '{"kind": "demo.anything", "payload": {"a": 1, "b": [1.5, "ü"]}, "tags": ["x"]}'


def _submitted(store: RedisStore) -> int:
    return sum(queue.submitted for queue in store.run(calls.Statistics()).queues)


async def test_a_repeated_request_makes_no_second_task_and_is_answered_as_the_first_time(
    api: InProcessApi, store: RedisStore
) -> None:
    first = await api.submit(key="one", delay=60)
    await api.client.post(f"{first.json()['href']}/cancel")

    again = await api.submit(key="one", delay=60)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert (first.headers.get("idempotency-replayed"), again.headers.get("idempotency-replayed")) == (None, "true")
    assert _submitted(store) == 1


async def test_a_body_is_the_same_when_it_means_the_same(api: InProcessApi, store: RedisStore) -> None:
    headers = {"Idempotency-Key": '"one"'}
    first = await api.submit_text(BODY, **headers)

    again = await api.submit_text('{"tags":["x"],"payload":{"b":[1.50,"\\u00fc"],"a":1},"kind":"demo.anything"}', **headers)

    assert again.content == first.content
    assert _submitted(store) == 1


@pytest.mark.parametrize(
    "other", [{"kind": "demo.anything"}, {"delay": 5}, {"tags": ["x"]}, {"payload": {}}, {"kind": "no.such"}]
)
async def test_a_key_that_was_used_for_another_body_is_refused_and_nothing_is_recorded(
    api: InProcessApi, store: RedisStore, other: dict[str, Any]
) -> None:
    await api.submit(key="one")

    told = problem(await api.submit(key="one", **other), 422, "idempotency-key-reused", "Idempotency-Key")

    assert "take a new key" in told["detail"]
    assert _submitted(store) == 1


async def test_what_was_refused_has_not_used_its_key(api: InProcessApi) -> None:
    problem(await api.submit(key="one", payload={}), 422, "payload-invalid", "payload.source", "payload.width")

    answer = await api.submit(key="one")

    assert (answer.status_code, answer.headers.get("idempotency-replayed")) == (202, None)


async def test_what_could_not_be_taken_any_more_is_answered_as_when_it_could(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    eta = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    async with running_api(redis_server.url, namespace, eta_tolerance=0) as api:
        first = await api.submit(key="one", eta=eta)
        assert first.status_code == 202, first.text
        await eventually_async(lambda: api.submit(eta=eta), holds=lambda a: a.status_code == 422, claim="an eta that is past")

        again = await api.submit(key="one", eta=eta)

    assert (again.status_code, again.content) == (202, first.content)


async def test_of_requests_at_once_one_is_taken_and_the_others_are_told_to_come_again(tmp_path: Path) -> None:
    with EmbeddedRedis(directory=tmp_path) as server, RedisStore.from_url(server.url) as store:
        store.run(calls.Publish(KINDS))
        async with running_api(server.url, "heavylift", redis_deadline=20) as api:
            await api.get("/v1/catalogue")
            store._client.execute_command("CLIENT", "PAUSE", 15_000, "WRITE")
            asked = [asyncio.create_task(api.submit(key="one")) for _ in range(5)]
            told, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            while len(waiting) > 1:
                more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                told |= more
            for answer in told:
                assert "repeat it" in problem(answer.result(), 409, "request-in-flight")["detail"]

            store._client.execute_command("CLIENT", "UNPAUSE")
            (first,) = [await answer for answer in waiting]

            assert first.status_code == 202
            assert (await api.submit(key="one")).content == first.content
        assert _submitted(store) == 1


async def test_who_repeats_nothing_is_told_of_no_replay_when_redis_had_to_be_asked_twice(
    api: InProcessApi, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, lost = AsyncRedisStore.run, []

    async def lose_one_answer(self: AsyncRedisStore, call: calls.Call[Any]) -> Any:
        reply = await run(self, call)
        if isinstance(call, calls.SubmitEach) and not lost:
            lost.append(reply)
            raise StoreUnavailable
        return reply

    monkeypatch.setattr(AsyncRedisStore, "run", lose_one_answer)

    answer = await api.submit(key="one")

    assert (answer.status_code, answer.headers.get("idempotency-replayed")) == (202, None)
    assert (len(lost), _submitted(store)) == (1, 1)


@refused
@pytest.mark.parametrize(
    "value",
    [
        "",
        '""',
        "8e03978e-40d5-43e8-bc93-6894a57f9324",
        "'one'",
        '"one',
        '"one" "two"',
        '"one", "two"',
        '("one")',
        '"a\\b"',
        '"tab\t"',
        '"one"; A=1',
        '"one";a=',
        "7",
        ":b25l:",
        f'"{"x" * 256}"',
        '"\xfc"',
    ],
)
async def test_a_malformed_key_is_refused_with_what_it_should_be(refusing: InProcessApi, value: str) -> None:
    answer = await refusing.client.post(
        "/v1/tasks", json={"kind": "demo.anything"}, headers={"Idempotency-Key": value.encode("latin-1")}
    )

    assert "in double quotes, as in" in problem(answer, 400, "idempotency-key-malformed")["detail"]


@refused
async def test_two_keys_for_one_request_are_refused(refusing: InProcessApi) -> None:
    headers = [("Idempotency-Key", '"one"'), ("Idempotency-Key", '"one"')]

    answer = await refusing.client.post("/v1/tasks", json={"kind": "demo.anything"}, headers=headers)

    problem(answer, 400, "idempotency-key-malformed")


def test_a_key_is_read_as_a_string_of_structured_fields() -> None:
    assert read_key([]) is None
    assert read_key(['"one"']) == "one"
    assert read_key([r'  "say \"hi\" \\ (ok)"  ']) == r'say "hi" \ (ok)'
    assert read_key(['"one";a;b=?1; c="x;y";*d=-1.5;e=tok/en:1;f=:aGk=:']) == "one"
    assert read_key([f'"{"x" * 255}"']) == "x" * 255


def test_a_key_counts_within_its_route_and_its_tenant() -> None:
    names = {Scope(route, tenant).name(key) for route in ("a", "b") for tenant in ("", "t") for key in ("k", "tk")}

    assert len(names) == 8
    assert {len(name) for name in names} == {40}


@pytest.mark.parametrize(
    "other", ['{"kind":"k","payload":2}', '{"kind":"k"}', '{"kind":"k","payload":"1"}', '{"kind":"k","payload":[1]}']
)
def test_a_body_that_means_something_else_has_another_fingerprint(other: str) -> None:
    assert fingerprint_of(read_object(b'{"kind":"k","payload":1}')) != fingerprint_of(read_object(other.encode()))


def _client(process: ApiProcess) -> httpx.Client:
    return httpx.Client(base_url=process.base, timeout=10)


def _ask(client: httpx.Client, number: int, attempts: int = 200) -> httpx.Response | None:
    """Ask until there is an answer, or the process is gone."""
    body, headers = {"kind": "demo.anything", "payload": number}, {"Idempotency-Key": f'"order-{number}"'}
    for _ in range(attempts):
        try:
            answer = client.post("/v1/tasks", json=body, headers=headers)
        except httpx.HTTPError:
            return None
        if answer.status_code != 409:
            return answer
        assert answer.headers["retry-after"] == "1"
    raise AssertionError("a request that is in flight for ever")


def test_two_processes_that_are_asked_at_once_make_one_task_of_each_key(two: list[ApiProcess], store: RedisStore) -> None:
    numbers = [number for number in range(20) for _ in range(4)]

    with ThreadPoolExecutor(8) as threads, _client(two[0]) as one, _client(two[1]) as other:
        answers = list(threads.map(_ask, cycle([one, other]), numbers))

    told: dict[int, set[bytes]] = {}
    for number, answer in zip(numbers, answers, strict=True):
        assert answer is not None
        assert answer.status_code == 202, answer.text
        told.setdefault(number, set()).add(answer.content)
    assert {len(contents) for contents in told.values()} == {1}
    assert sum(a is not None and "idempotency-replayed" not in a.headers for a in answers) == 20
    assert _submitted(store) == 20


def test_what_a_process_was_asked_before_it_was_killed_is_asked_again_of_another_and_makes_one_task(
    two: list[ApiProcess], store: RedisStore
) -> None:
    dying, surviving = two
    begun = threading.Semaphore(0)

    def ask(client: httpx.Client, number: int) -> httpx.Response | None:
        begun.release()
        return _ask(client, number)

    with ThreadPoolExecutor(8) as threads, _client(dying) as client:
        asked = [threads.submit(ask, client, number) for number in range(60)]
        for _ in range(30):
            begun.acquire()
        dying.kill()
        before = [future.result() for future in asked]
    with _client(surviving) as client:
        after = [_ask(client, number) for number in range(60)]

    assert any(before), "some were answered"
    assert not all(before), "and some were not"
    for first, again in zip(before, after, strict=True):
        assert again is not None
        assert again.status_code == 202
        assert first is None or first.content == again.content
    assert _submitted(store) == 60
