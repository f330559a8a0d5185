"""The logs of tasks, by range and in the stream."""

import json
from typing import Any

import pytest

from heavylift.outcome import Succeeded
from heavylift.store import calls
from heavylift.store.calls import Ended, Limits, Memo
from heavylift.store.redis import RedisStore
from heavylift.story import LogLine
from tests.support.asgi import InProcessApi, refused
from tests.support.consumer import claim, register, submit
from tests.support.problems import problem

LEVELS = ("debug", "info", "warning", "error")


def logged(store: RedisStore, count: int, *, portion: int = 7) -> str:
    """A task that has logged ``count`` lines, of each level in turn, and succeeded."""
    submit(store)
    register(store)
    (delivery,) = claim(store)
    lines = [LogLine(n, 1_769_860_800_000 + n, LEVELS[n % 4], 1, "app", f"line {n}", {"n": n}) for n in range(1, count + 1)]
    for first in range(0, count, portion):
        store.run(calls.Remember((Memo.log(delivery.id, delivery.fence, lines[first : first + portion]),)))
    store.run(calls.Complete((Ended(delivery.id, delivery.fence, Succeeded("1")),)))
    return delivery.id


async def page(api: InProcessApi, id_: str, **query: Any) -> Any:
    answer = await api.get(f"/v1/tasks/{id_}/logs", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_line_is_shown_with_all_that_it_says(api: InProcessApi, store: RedisStore) -> None:
    shown = await page(api, logged(store, 1))

    assert shown == {
        "lines": [
            {
                "id": "1.1.1",
                "at": "2026-01-31T12:00:00.001Z",
                "level": "info",
                "attempt": 1,
                "run": 1,
                "logger": "app",
                "message": "line 1",
                "fields": {"n": 1},
            }
        ],
        "dropped": 0,
        "after": "1.1.1",
        "more": False,
    }


async def test_a_log_is_read_page_by_page_and_each_line_once(api: InProcessApi, store: RedisStore) -> None:
    id_ = logged(store, 300)
    seen, after, pages = [], "", 0
    while True:
        shown = await page(api, id_, limit=90, after=after)
        seen += [line["message"] for line in shown["lines"]]
        after, pages = shown["after"], pages + 1
        if not shown["more"]:
            break

    assert seen == [f"line {n}" for n in range(1, 301)]
    assert pages == 4


async def test_a_level_passes_over_what_is_below_it(api: InProcessApi, store: RedisStore) -> None:
    shown = await page(api, logged(store, 12), level="warning")

    assert [line["message"] for line in shown["lines"]] == [f"line {n}" for n in (2, 3, 6, 7, 10, 11)]
    assert shown["after"] == "1.1.12"


async def test_lines_that_are_not_kept_are_counted(api: InProcessApi, store: RedisStore) -> None:
    store.limits = Limits(log_lines=10)
    shown = await page(api, logged(store, 30, portion=5))

    assert [line["message"] for line in shown["lines"]] == [f"line {n}" for n in range(21, 31)]
    assert shown["dropped"] == 20


async def test_a_task_that_logs_nothing_has_an_empty_log(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)

    assert await page(api, id_) == {"lines": [], "dropped": 0, "after": None, "more": False}


async def test_lines_and_what_is_missing_are_told_in_the_stream(api: InProcessApi, store: RedisStore) -> None:
    store.limits = Limits(log_lines=10)
    id_ = logged(store, 300, portion=5)

    answer = await api.get(f"/v1/tasks/{id_}/events")

    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in answer.text.split("\n\n") if block]
    assert [block.get("event") for block in blocks] == [None, "state", "state", "dropped", *["log"] * 10, "state", "end"]
    assert "id" not in blocks[3]
    assert json.loads(blocks[3]["data"]) == {"run": 1, "lines": 290}
    assert blocks[4]["id"] == "1.1.291"


async def test_a_long_log_is_streamed_to_its_end(api: InProcessApi, store: RedisStore) -> None:
    id_ = logged(store, 900, portion=3)

    answer = await api.get(f"/v1/tasks/{id_}/events")

    assert answer.text.count("event: log") == 900
    assert answer.text.count("event: end") == 1


@refused
async def test_a_task_that_is_not_there_has_no_log(refusing: InProcessApi) -> None:
    problem(await refusing.get("/v1/tasks/nobody/logs"), 404, "task-not-found")


@refused
@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"level": "loud"}])
async def test_what_cannot_be_asked_is_told_with_its_field(refusing: InProcessApi, query: dict[str, Any]) -> None:
    problem(await refusing.get("/v1/tasks/nobody/logs", **query), 422, "request-invalid", *query)


@refused
async def test_a_place_that_is_none_is_told_with_its_field(refusing: InProcessApi) -> None:
    problem(await refusing.get("/v1/tasks/nobody/logs", after="later"), 400, "event-id-invalid", "after")
