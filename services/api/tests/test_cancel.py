"""Calling a task off over HTTP."""

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Cancelled, Succeeded
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, running_api
from tests.support.consumer import claim, register, submit
from tests.support.problems import problem


async def test_a_task_that_waits_is_cancelled_at_once(api: InProcessApi) -> None:
    id_ = (await api.submit(delay=60)).json()["id"]

    answer = await api.client.post(f"/v1/tasks/{id_}/cancel")

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert (await api.get(f"/v1/tasks/{id_}")).json() == answer.json()


async def test_a_task_that_runs_is_asked_to_end(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)
    register(store)
    claim(store)

    answer = await api.client.post(f"/v1/tasks/{id_}/cancel")

    assert (answer.status_code, answer.json()["state"], answer.json()["cancel_requested"]) == (202, "running", True)
    assert store.run(calls.Renew(("w1",), 60)).cancelled == {"w1": {id_}}


async def test_asking_again_is_answered_as_the_first_time_and_counted_once(api: InProcessApi, store: RedisStore) -> None:
    (running,) = submit(store)
    register(store)
    (delivery,) = claim(store)
    (waiting,) = submit(store)

    waits = [(await api.client.post(f"/v1/tasks/{waiting}/cancel")).status_code for _ in range(2)]
    runs = [(await api.client.post(f"/v1/tasks/{running}/cancel")).status_code for _ in range(2)]
    store.run(calls.Complete((Ended(running, delivery.fence, Cancelled()),)))
    runs.append((await api.client.post(f"/v1/tasks/{running}/cancel")).status_code)

    assert (waits, runs) == ([200, 200], [202, 202, 200])
    metrics = (await api.get("/metrics")).text
    counted = [line.rpartition(" ") for line in metrics.splitlines() if line.startswith("task_cancel_requests_total")]
    assert {name.split('state="')[1].split('"')[0]: float(value) for name, _, value in counted} == {"cancelled": 1, "running": 1}


async def test_a_task_that_has_ended_cannot_be_called_off_and_says_how_it_ended(api: InProcessApi, store: RedisStore) -> None:
    (id_,) = submit(store)
    register(store)
    (delivery,) = claim(store)
    store.run(calls.Complete((Ended(id_, delivery.fence, Succeeded("1")),)))

    told = problem(await api.client.post(f"/v1/tasks/{id_}/cancel"), 409, "task-ended")

    assert (told["state"], told["detail"]) == ("succeeded", "the task has ended as succeeded already")


async def test_a_task_that_never_was_cannot_be_called_off(api: InProcessApi) -> None:
    problem(await api.client.post("/v1/tasks/no-such-task/cancel"), 404, "task-not-found")


async def test_without_redis_nobody_is_told_that_a_task_was_called_off(namespace: str) -> None:
    with EmbeddedRedis() as server:
        async with running_api(server.url, namespace) as api:
            server.kill()

            problem(await api.client.post("/v1/tasks/any/cancel"), 503, "store-unavailable")
