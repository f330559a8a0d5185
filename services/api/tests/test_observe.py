"""Reading one task and listing many."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from heavylift.outcome import Failed, Failure, Retry, Succeeded
from heavylift.record import Priority
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from heavylift_api.errors import CursorInvalid
from heavylift_api.observe import read_cursor, write_cursor
from tests.support.asgi import InProcessApi, refused
from tests.support.consumer import claim, register, submit
from tests.support.kinds import KINDS
from tests.support.problems import problem

TIMES = ("submitted_at", "due_at", "queued_at", "started_at", "ended_at", "expires_at")


async def _task(api: InProcessApi, id_: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/tasks/{id_}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _ids(api: InProcessApi, path: str = "/v1/tasks", **query: Any) -> list[str]:
    answer = await api.get(path, **query)
    assert answer.status_code == 200, answer.text
    return [task["id"] for task in answer.json()["tasks"]]


async def test_a_task_is_shown_as_it_was_submitted(api: InProcessApi) -> None:
    body = {"queue": "q", "priority": "low", "delay": 60, "expires": 90, "tags": ["b", "a", "b"]}
    id_ = (await api.submit(**body)).json()["id"]

    shown = await _task(api, id_)

    assert shown["payload"] == {"source": "a.jpg", "width": 1}
    assert (shown["kind"], shown["queue"], shown["priority"], shown["tags"]) == ("images.thumbnail", "q", "low", ["b", "a"])
    assert (shown["state"], shown["attempt"], shown["max_attempts"], shown["deaths"]) == ("scheduled", 1, 1, 0)
    assert [name for name in TIMES if shown[name] is not None] == ["submitted_at", "due_at", "expires_at"]
    assert all(shown[name].endswith("Z") for name in ("submitted_at", "due_at", "expires_at"))
    assert shown["links"] == {
        "self": f"/v1/tasks/{id_}",
        "wait": f"/v1/tasks/{id_}?wait=30",
        "kind": "/v1/catalogue/images.thumbnail",
        "attempts": f"/v1/tasks/{id_}/attempts",
        "events": f"/v1/tasks/{id_}/events",
        "logs": f"/v1/tasks/{id_}/logs",
        "why": f"/v1/tasks/{id_}/why",
        "retry": f"/v1/tasks/{id_}/retry",
    }
    assert (shown["result"], shown["error"], shown["progress"], shown["worker"]) == (None, None, None, None)


async def test_a_task_is_followed_through_its_life(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store, max_attempts=2)
    register(store)
    (first,) = claim(store)
    store.run(calls.Remember((calls.Memo.progress(id_, first.fence, {"done": 1, "total": 2}),)))
    running = await _task(api, id_)
    store.run(calls.Reschedule((Ended(id_, first.fence, Retry(0.0, Failure("Flaky", "try again", retryable=True))),)))
    again = await _task(api, id_)
    (second,) = claim(store) or _promoted(store)
    store.run(calls.Complete((Ended(id_, second.fence, Succeeded('{"path": "b.jpg"}')),)))
    ended = await _task(api, id_)

    assert (running["state"], running["worker"], running["progress"]) == ("running", "w1", {"done": 1, "total": 2})
    assert again["error"]["message"] == "try again"
    assert (ended["state"], ended["result"], ended["error"], ended["attempt"]) == ("succeeded", {"path": "b.jpg"}, None, 2)
    assert ended["submitted_at"] <= ended["started_at"] <= ended["ended_at"]


def _promoted(store: RedisStore) -> list[Any]:
    store.run(calls.Promote())
    return claim(store)


async def test_a_task_that_failed_says_why(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)
    register(store)
    (delivery,) = claim(store)
    store.run(
        calls.Complete((Ended(id_, delivery.fence, Failed(Failure("ValueError", "the widget is broken", retryable=False))),))
    )

    shown = await _task(api, id_)

    assert shown["state"] == "failed"
    assert (shown["error"]["type"], shown["error"]["message"]) == ("ValueError", "the widget is broken")


RESULTS = {
    "deep list": "[" * 400 + "]" * 400,
    "deepest list": "[" * 985 + "]" * 985,
    "deep object": '{"a":' * 400 + "1" + "}" * 400,
    "not a number": "NaN",
    "half a pair": '"\\ud800"',
    "infinite": "1e999",
    "long integer": "9" * 4000,
    "NUL": '"\\u0000"',
    "large": '"' + "x" * 2_000_000 + '"',
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
async def test_whatever_a_worker_wrote_as_a_result_is_answered(api: InProcessApi, store: RedisStore, result: str) -> None:
    (id_,) = submit(store, payload=result)
    register(store)
    (delivery,) = claim(store)
    store.run(calls.Complete((Ended(id_, delivery.fence, Succeeded(result)),)))

    answer = await api.get(f"/v1/tasks/{id_}")

    assert answer.status_code == 200
    assert json.loads(answer.text, parse_constant=pytest.fail)["state"] == "succeeded"
    assert await _ids(api) == [id_]


@refused
@pytest.mark.parametrize("path", ["/v1/tasks/{}", "/v1/tasks/{}?wait=5"])
@pytest.mark.parametrize(
    "id_",
    ["01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42", "x", " ", "...", "💥", "{p0}", "*", "'; FLUSHALL", "x" * 255, "%", "a?b", "ä\u2028"],
)
async def test_an_unknown_id_is_told_at_once(refusing: InProcessApi, path: str, id_: str) -> None:
    problem(await refusing.get(path.format(quote(id_, safe=""))), 404, "task-not-found")


@refused
@pytest.mark.parametrize("id_", ["%00", "a%0Ab", "%7F", "x" * 256])
async def test_an_id_that_cannot_be_one_is_told(refusing: InProcessApi, id_: str) -> None:
    problem(await refusing.get(f"/v1/tasks/{id_}"), 422, "request-invalid", "task_id")


@refused
@pytest.mark.parametrize("wait", ["-1", "nan", "inf", "-inf", "1e999", "soon", "", "0x10", "1,5"])
async def test_a_wait_that_is_no_time_is_told(refusing: InProcessApi, wait: str) -> None:
    problem(await refusing.get("/v1/tasks/x", wait=wait), 422, "request-invalid", "wait")


async def test_tasks_are_listed_newest_first_and_without_payload(api: InProcessApi, store: RedisStore) -> None:
    ids = submit(store, 3)

    page = (await api.get("/v1/tasks")).json()

    assert [task["id"] for task in page["tasks"]] == ids[::-1]
    assert (page["cursor"], page["next"]) == (None, None)
    assert not {"payload", "result"} & page["tasks"][0].keys()


@refused
async def test_an_empty_store_lists_nothing(refusing: InProcessApi) -> None:
    assert (await refusing.get("/v1/tasks")).json() == {"tasks": [], "cursor": None, "next": None}


async def test_each_filter_selects_and_all_select_together(api: InProcessApi, store: RedisStore) -> None:
    (wanted,) = submit(store, kind="a.b", queue="this", tags=("x", "grün & blau"), delay=60)
    (queued,) = submit(store, kind="a.b", queue="this", tags=("x",))
    (other,) = submit(store, kind="c.d", queue="other", priority=Priority.LOW)

    assert await _ids(api, state="scheduled") == [wanted]
    assert await _ids(api, kind="a.b") == [queued, wanted]
    assert await _ids(api, queue="other") == [other]
    assert await _ids(api, tag="grün & blau") == [wanted]
    assert await _ids(api, state="queued", kind="a.b", queue="this", tag="x") == [queued]
    assert await _ids(api, state="running") == await _ids(api, tag="nobody's") == await _ids(api, kind="c.d", queue="this") == []


async def test_ended_tasks_are_listed_by_how_they_ended(api: InProcessApi, store: RedisStore) -> None:
    ids = submit(store, 2)
    store.run(calls.Cancel(ids[0]))
    register(store)
    (delivery,) = claim(store)
    store.run(calls.Complete((Ended(delivery.id, delivery.fence, Succeeded("1")),)))

    assert await _ids(api, state="cancelled") == [ids[0]]
    assert await _ids(api, state="succeeded") == [ids[1]]


@pytest.mark.parametrize("filters", [{}, {"tag": "grün & blau", "kind": "demo.work"}, {"state": "queued"}], ids=str)
async def test_paging_shows_every_task_once(api: InProcessApi, store: RedisStore, filters: dict[str, str]) -> None:
    ids = submit(store, 300, tags=("grün & blau",))
    submit(store, 10, kind="another.kind", queue="another", delay=60)

    by_link, by_cursor = await _by_link(api, store, filters), await _by_cursor(api, filters)

    assert [id_ for id_ in by_link if id_ in ids] == ids[::-1]
    assert [id_ for id_ in by_cursor if id_ in ids] == ids[::-1]
    assert len(set(by_cursor)) == len(by_cursor)


async def _by_link(api: InProcessApi, store: RedisStore, filters: dict[str, str]) -> list[str]:
    page = (await api.get("/v1/tasks", limit=70, **filters)).json()
    seen = [task["id"] for task in page["tasks"]]
    while page["next"]:
        submit(store, tags=("grün & blau",))  # what is added meanwhile disturbs nobody
        page = (await api.get(page["next"])).json()
        seen += [task["id"] for task in page["tasks"]]
    return seen


async def _by_cursor(api: InProcessApi, filters: dict[str, str]) -> list[str]:
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 7} | filters
    while True:
        page = (await api.get("/v1/tasks", **query)).json()
        seen += [task["id"] for task in page["tasks"]]
        if page["cursor"] is None:
            return seen
        query["cursor"] = page["cursor"]


async def test_a_next_link_keeps_the_filters_and_the_limit(api: InProcessApi, store: RedisStore) -> None:
    submit(store, 3, tags=("a&b=c",))

    following = (await api.get("/v1/tasks", tag="a&b=c", state="queued", limit=2)).json()["next"]

    assert following.startswith("/v1/tasks?state=queued&tag=a%26b%3Dc&limit=2&cursor=")


@pytest.mark.parametrize("limit", [1, 200])
async def test_the_bounds_of_the_limit_are_allowed(api: InProcessApi, store: RedisStore, limit: int) -> None:
    submit(store, 201)

    assert len(await _ids(api, limit=limit)) == limit


async def test_a_page_has_fifty_tasks_unless_it_is_told(api: InProcessApi, store: RedisStore) -> None:
    submit(store, 51)

    assert len(await _ids(api)) == 50


@refused
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"state": "done"}, "state"),
        ({"state": ""}, "state"),
        ({"kind": ""}, "kind"),
        ({"queue": "q" * 256}, "queue"),
        ({"tag": "t" * 129}, "tag"),
        ({"tags": "t"}, "tags"),
    ],
    ids=str,
)
async def test_a_wrong_filter_is_named(refusing: InProcessApi, query: dict[str, Any], field: str) -> None:
    problem(await refusing.get("/v1/tasks", **query), 422, "request-invalid", field)


@refused
@pytest.mark.parametrize(
    "cursor",
    ["", "x", "1", "💥", "MTo", "Mjox", "MTow", "MTotMQ", "MTox MTox", "MTo5OTk5OTk5OTk5OTk5OTk5OTk5", "A" * 5000],
)
async def test_a_cursor_that_is_none_of_ours_is_told(refusing: InProcessApi, cursor: str) -> None:
    told = problem(await refusing.get("/v1/tasks", cursor=cursor), 400, "cursor-invalid")

    assert "cursor" in told["detail"]
    assert len(told["detail"]) < 250


@pytest.mark.parametrize("seq", [1, 42, 2**53 - 1])
def test_a_cursor_is_read_as_it_was_written(seq: int) -> None:
    assert read_cursor(write_cursor(seq)) == seq


def test_a_cursor_of_digits_of_another_script_is_none_of_ours() -> None:
    with pytest.raises(CursorInvalid):
        read_cursor("MTrZog")


async def test_a_task_of_any_kind_is_shown_though_the_catalogue_has_none(api: InProcessApi, store: RedisStore) -> None:
    assert "demo.work" not in {kind.name for kind in KINDS}
    (id_,) = submit(store, kind='odd "kind"/ü')

    assert (await _task(api, id_))["links"]["kind"] == "/v1/catalogue/odd%20%22kind%22%2F%C3%BC"
