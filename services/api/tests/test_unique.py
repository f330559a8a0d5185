"""Tasks of which there is one at a time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle
from typing import Any

import httpx
import pytest

from heavylift.outcome import Succeeded
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.asgi import InProcessApi, refused
from tests.support.consumer import claim, register
from tests.support.problems import problem


async def test_who_asks_for_another_gets_the_one_that_there_is_and_is_told_so(api: InProcessApi, store: RedisStore) -> None:
    first = await api.submit(unique={"key": "photo"})

    again = await api.submit(unique={"key": "photo"}, payload={"source": "b.jpg", "width": 2})

    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.json()["existing"], again.json()) == (False, first.json() | {"existing": True})
    assert len(store.run(calls.List()).records) == 1


async def test_when_it_has_ended_there_may_be_another(api: InProcessApi, store: RedisStore) -> None:
    first = (await api.submit(unique={"key": "photo", "while": "running"})).json()
    register(store)
    (held,) = claim(store)
    assert (await api.submit(unique={"key": "photo"})).json()["state"] == "running"

    store.run(calls.Complete((Ended(held.id, held.fence, Succeeded("1")),)))

    assert (await api.submit(unique={"key": "photo"})).json()["id"] != first["id"]


async def test_a_key_counts_within_its_kind(api: InProcessApi) -> None:
    answers = [await api.submit(unique={"key": "one"}), await api.submit("demo.anything", unique={"key": "one"})]

    assert [answer.json()["existing"] for answer in answers] == [False, False]


async def test_a_repeated_request_for_one_that_was_there_is_answered_as_the_first_time(api: InProcessApi) -> None:
    existing = await api.submit(unique={"key": "one"})
    first = await api.submit(unique={"key": "one"}, key="request")
    await api.client.post(f"{existing.json()['href']}/cancel")

    again = await api.submit(unique={"key": "one"}, key="request")

    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert first.json()["existing"]


def test_two_processes_that_are_asked_at_once_make_one_task_of_a_unique_key(two: list[ApiProcess], store: RedisStore) -> None:
    def ask(client: httpx.Client, number: int) -> Any:
        body = {"kind": "demo.anything", "payload": number, "unique": {"key": f"order-{number}", "while": "queued"}}
        answer = client.post("/v1/tasks", json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()

    numbers = [number for number in range(20) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads, ExitStack() as opened:
        clients = [opened.enter_context(httpx.Client(base_url=process.base, timeout=10)) for process in two]
        answers = list(threads.map(ask, cycle(clients), numbers))

    told: dict[int, set[str]] = {}
    for number, answer in zip(numbers, answers, strict=True):
        told.setdefault(number, set()).add(answer["id"])
    assert {len(ids) for ids in told.values()} == {1}
    assert sum(not answer["existing"] for answer in answers) == len(store.run(calls.List(count=200)).records) == 20


@refused
@pytest.mark.parametrize(
    ("unique", "field", "word"),
    [
        ("one", "unique", ""),
        ({}, "unique.key", "missing"),
        ({"key": ""}, "unique.key", "at least 1"),
        ({"key": "a\nb"}, "unique.key", "pattern"),
        ({"key": "x" * 256}, "unique.key", "255"),
        ({"key": "a", "while": "ever"}, "unique.while", "'queued', 'running' or 'ttl'"),
        ({"key": "a", "while": "ttl"}, "unique", "for how many seconds"),
        ({"key": "a", "while": "ttl", "ttl": 0}, "unique.ttl", "greater than 0"),
        ({"key": "a", "while": "running", "ttl": 5}, "unique.ttl", "leave it out"),
        ({"key": "a", "ttl": 5}, "unique.ttl", "leave it out"),
        ({"key": "a", "held_while": "queued"}, "unique.held_while", "not known"),
    ],
)
async def test_what_is_wrong_with_a_key_is_named(refusing: InProcessApi, unique: Any, field: str, word: str) -> None:
    told = problem(await refusing.submit(unique=unique), 422, "request-invalid", field)

    assert word in told["errors"][0]["message"]


async def test_a_task_that_is_debounced_takes_on_what_is_submitted_while_it_waits(api: InProcessApi) -> None:
    body = {"kind": "demo.anything", "debounce": {"key": "document-42", "seconds": 60, "max_wait": 600}}

    first, second = [(await api.client.post("/v1/tasks", json=body | {"payload": {"n": n}})).json() for n in (1, 2)]
    other = (await api.client.post("/v1/tasks", json=body | {"queue": "other"})).json()

    assert (first["state"], first["existing"], first["debounced"]) == ("scheduled", False, False)
    assert (second["id"], second["existing"], second["debounced"]) == (first["id"], True, True)
    assert other["id"] != first["id"]
    assert (await api.get(f"/v1/tasks/{first['id']}")).json()["payload"] == {"n": 2}


async def test_what_contradicts_debounce_is_refused(api: InProcessApi) -> None:
    body = {"kind": "demo.anything", "debounce": {"key": "document-42", "seconds": 60}}
    for field, value in (("delay", 5), ("eta", "2099-01-01T00:00:00Z"), ("unique", {"key": "x"})):
        answer = await api.client.post("/v1/tasks", json=body | {field: value})
        told = problem(answer, 422, "request-invalid", "debounce")
        assert told["errors"][0]["message"].endswith(f"leave {field} out")
