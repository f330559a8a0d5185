"""Letting begin at once over HTTP what waits for its time."""

import pytest

from heavylift.access import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure, Retry, Succeeded
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, running_api
from tests.support.consumer import claim, register, submit
from tests.support.keys import bearer, make_key
from tests.support.problems import problem

TORN = Failure("OSError", "it tore", retryable=True)


async def test_a_task_that_waits_for_its_delay_is_queued_at_once(api: InProcessApi, store: RedisStore) -> None:
    id_ = (await api.submit(delay=3600)).json()["id"]
    assert (await api.get(f"/v1/tasks/{id_}")).json()["links"]["retry"] == f"/v1/tasks/{id_}/retry"

    answer = await api.client.post(f"/v1/tasks/{id_}/retry")

    assert (answer.status_code, answer.json()["state"], answer.json()["attempt"]) == (200, "queued", 1)
    assert answer.json()["due_at"] == answer.json()["queued_at"]
    register(store)
    assert [delivery.id for delivery in claim(store)] == [id_]


async def test_a_task_that_waits_for_its_next_attempt_has_it_at_once_and_its_followers_hear_of_it(
    api: InProcessApi, store: RedisStore
) -> None:
    (id_,) = submit(store, max_attempts=3)
    register(store)
    (first,) = claim(store)
    store.run(calls.Reschedule((Ended(id_, first.fence, Retry(3600, TORN)),)))

    answers = [await api.client.post(f"/v1/tasks/{id_}/retry") for _ in range(2)]

    assert [(answer.status_code, answer.json()["state"], answer.json()["attempt"]) for answer in answers] == [
        (200, "queued", 2)
    ] * 2
    story = (await api.client.get(f"/v1/tasks/{id_}/events", headers={"Accept": "application/json"})).json()["events"]
    assert [event["data"]["state"] for event in story] == ["queued", "running", "scheduled", "queued"]


@pytest.mark.parametrize(
    ("outcome", "state", "sentence"),
    [
        (None, "running", "the task is running, so there is nothing to wait for; cancel it, or wait for its end"),
        (
            Failed(TORN),
            "failed",
            "the task is failed, so no other attempt follows by itself; POST /v1/tasks/{id}/replay gives it another life",
        ),
        (Succeeded("1"), "succeeded", "the task is succeeded, and so has ended: submit it again as another task"),
    ],
)
async def test_what_does_not_wait_is_told_what_to_do_instead(
    api: InProcessApi, store: RedisStore, outcome: Failed | Succeeded | None, state: str, sentence: str
) -> None:
    (id_,) = submit(store)
    register(store)
    (delivery,) = claim(store)
    if outcome is not None:
        store.run(calls.Complete((Ended(id_, delivery.fence, outcome),)))

    told = problem(await api.client.post(f"/v1/tasks/{id_}/retry"), 409, "not-waiting")

    assert (told["state"], told["detail"]) == (state, sentence.replace("{id}", id_))


async def test_a_task_of_another_tenant_is_not_there(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> None:
    (id_,) = submit(store, delay=3600, tenant="acme")
    acme, other = (make_key(store, Scope.OPERATE, tenant=tenant) for tenant in ("acme", "other"))
    async with running_api(redis_server.url, namespace, auth="on") as api:
        problem(await api.client.post(f"/v1/tasks/{id_}/retry", headers=bearer(other)), 404, "task-not-found")
        assert (await api.client.post(f"/v1/tasks/{id_}/retry", headers=bearer(acme))).json()["state"] == "queued"
