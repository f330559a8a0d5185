"""Why has my task not started?"""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from heavylift.outcome import Cancelled, Failure, Outcome, Retry, Succeeded
from heavylift.record import Delivery, Executor
from heavylift.store import calls
from heavylift.store.calls import Ended, PoolDecision, Runs, ScalingMode, ScalingReport
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.asgi import InProcessApi
from tests.support.eventually import eventually
from tests.support.problems import problem
from tests.support.worker import WorkerProcess

KIND = "demo.anything"
TORN = Failure("OSError", "the disk is full", retryable=True)


async def _submitted(api: InProcessApi, **fields: Any) -> str:
    id_: str = (await api.submit(KIND, **fields)).json()["id"]
    return id_


async def _why(api: InProcessApi, id_: str) -> dict[str, Any]:
    task = (await api.get(f"/v1/tasks/{id_}")).json()
    told: dict[str, Any] = (await api.get(task["links"]["why"])).json()
    assert (told["id"], told["state"]) == (id_, task["state"])
    return told


def _start(store: RedisStore, name: str = "celery@here/1") -> None:
    store.run(calls.Register(name, ("default",), 60, {}))


def _claim(store: RedisStore, count: int = 1, name: str = "celery@here/1") -> list[Delivery]:
    return list(store.run(calls.Claim.of(name, ("default",), count)))


def _tell_runs(store: RedisStore, seconds: float) -> None:
    store.run(calls.TellRuns((Runs("default", Executor.PROCESS, KIND, 10, 10 * seconds),)))


def _in(told: dict[str, Any]) -> float:
    moments = [datetime.fromisoformat(moment) for moment in (told["since"], told["estimate"]["starts_at"])]
    return (moments[1] - moments[0]).total_seconds()


async def test_no_worker_takes_such_tasks(api: InProcessApi, store: RedisStore) -> None:
    store.run(calls.Register("celery@here/1", ("other",), 60, {}))
    told = await _why(api, await _submitted(api))

    assert (told["waits_for"], told["workers"], told["estimate"]) == ("no_worker", 0, None)
    assert told["reason"].startswith("No worker takes tasks of the queue default for children of kind process now: start one")


async def test_its_turn_has_not_come_and_the_estimate_says_what_it_is_reckoned_from(api: InProcessApi, store: RedisStore) -> None:
    ids = [await _submitted(api) for _ in range(12)]
    _start(store)
    _claim(store, 2)
    assert (await _why(api, ids[-1]))["estimate"] is None  # nobody knows how long such tasks take

    _tell_runs(store, 6.0)
    told = await _why(api, ids[-1])

    assert (told["waits_for"], told["ahead"], told["workers"]) == ("turn", 9, 1)
    assert told["reason"] == "9 tasks are ahead of it in the queue default, and 2 run."
    assert told["estimate"]["basis"] == "9 tasks ahead, 2 at a time, 6 s each on average"
    assert 27 <= _in(told) < 40


async def test_it_is_the_next(api: InProcessApi, store: RedisStore) -> None:
    first, second = await _submitted(api), await _submitted(api)
    _start(store)

    told = await _why(api, first)

    assert (told["waits_for"], told["ahead"], told["estimate"]["basis"]) == ("next", 0, "nothing is ahead of it")
    assert (await _why(api, second))["reason"] == "1 task is ahead of it in the queue default, and 0 run."


async def test_those_who_take_such_tasks_are_about_to_leave(api: InProcessApi, store: RedisStore) -> None:
    _start(store)
    store.run(calls.Rest(("here",), 60.0))

    told = await _why(api, await _submitted(api))

    assert (told["waits_for"], told["workers"], told["estimate"]) == ("workers_resting", 0, None)


def _decide(store: RedisStore, **fields: Any) -> str:
    reason = "scaling from 0 to 2: 1 ready task of 1 s would wait for ever, 30 s were promised, first new worker in about 8 s"
    decided = {
        "pool": "all",
        "deployment": "all",
        "mode": ScalingMode.ACTING,
        "current": 0,
        "target": 2,
        "wanted": 2,
        "rule": "need",
    }
    decided |= {"reason": reason, "would_wait": None, "startup": 8.0, "queues": ("default",)}
    store.run(
        calls.TellScaling(ScalingReport("one", (PoolDecision(**(decided | fields)),), {"lonely": "No pool serves lonely."}))
    )
    return reason


async def test_its_workers_are_on_their_way(api: InProcessApi, store: RedisStore) -> None:
    id_ = await _submitted(api)
    reason = _decide(store)

    told = await _why(api, id_)

    assert (told["waits_for"], told["scaling"], told["reason"]) == ("scaling", reason, f"Its workers are on their way: {reason}.")
    assert told["estimate"]["basis"] == "a new worker begins its first task after about 8 s"
    assert 8 <= _in(told) < 20


async def test_what_was_decided_of_other_queues_or_changes_nothing_is_no_reason(api: InProcessApi, store: RedisStore) -> None:
    mine, lonely = await _submitted(api), await _submitted(api, queue="lonely")
    _decide(store, target=0, reason="nothing is to be done")
    told = await _why(api, mine)
    assert (told["waits_for"], told["scaling"]) == ("no_worker", "nothing is to be done")

    _decide(store)
    told = await _why(api, lonely)
    assert (told["waits_for"], told["scaling"]) == ("no_worker", "No pool serves lonely.")


async def test_its_time_has_not_come(api: InProcessApi, store: RedisStore) -> None:
    _start(store)
    told = await _why(api, await _submitted(api, delay=600))

    assert (told["waits_for"], told["ahead"]) == ("delay", 0)
    assert told["estimate"]["basis"] == "it is due then, and nothing is ahead of it"
    assert _in(told) == pytest.approx(600, abs=0.01)


async def test_an_attempt_has_failed_and_the_next_follows_after_a_pause(api: InProcessApi, store: RedisStore) -> None:
    id_ = await _submitted(api)
    _start(store)
    (delivery,) = _claim(store)
    store.run(calls.Reschedule((Ended(id_, delivery.fence, Retry(30.0, TORN)),)))

    told = await _why(api, id_)

    assert told["waits_for"] == "retry"
    assert told["reason"] == "Attempt 1 failed with OSError: the disk is full; attempt 2 follows after a pause."
    assert _in(told) == pytest.approx(30, abs=0.01)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (None, "Attempt 1 runs on celery@here/1."),
        (Succeeded("1"), "It has ended as succeeded."),
        (Cancelled(), "It has ended as cancelled."),
    ],
)
async def test_what_has_started_waits_for_nothing(
    api: InProcessApi, store: RedisStore, outcome: Outcome | None, reason: str
) -> None:
    id_ = await _submitted(api)
    _start(store)
    (delivery,) = _claim(store)
    if outcome:
        store.run(calls.Complete((Ended(id_, delivery.fence, outcome),)))

    told = await _why(api, id_)

    assert (told["reason"], told["waits_for"], told["ahead"], told["workers"], told["estimate"]) == (
        reason,
        None,
        None,
        None,
        None,
    )


async def test_a_task_that_was_asked_to_end_says_so(api: InProcessApi, store: RedisStore) -> None:
    id_ = await _submitted(api)
    _start(store)
    _claim(store)
    await api.client.post(f"/v1/tasks/{id_}/cancel")

    assert (await _why(api, id_))["reason"] == "Attempt 1 runs on celery@here/1, and was asked to end."


async def test_a_task_that_nobody_knows_is_not_found(api: InProcessApi) -> None:
    problem(await api.get("/v1/tasks/nobody/why"), 404, "task-not-found")


def test_a_real_worker_is_seen_to_read_the_line_that_it_reads(two: list[ApiProcess], namespace: str, redis_server: Any) -> None:

    task = httpx.post(f"{two[0].base}/v1/tasks", json={"kind": KIND, "queue": "slow", "delay": 3600}).json()
    why = f"{two[1].base}{task['href']}/why"
    assert httpx.get(why).json()["workers"] == 0

    settings = {"HEAVYLIFT_WORKER_QUEUES": "slow", "HEAVYLIFT_WORKER_CONCURRENCY": "2"}
    with WorkerProcess(redis_server.url, namespace, **settings):
        told = eventually(lambda: httpx.get(why).json(), holds=lambda told: told["workers"] == 2, within=20, claim="two children")
        starts = datetime.fromisoformat(told["estimate"]["starts_at"]) - datetime.fromisoformat(told["since"])
        assert abs(starts - timedelta(hours=1)) < timedelta(seconds=1)
