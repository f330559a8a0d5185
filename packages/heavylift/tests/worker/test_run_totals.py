"""How long tasks run is told in sums, whatever became of them."""

import json

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Submission
from heavylift.store.calls import Register, Runs, Submit, Workload
from heavylift.store.redis import RedisStore
from heavylift.telemetry import AttemptEnded, TasksSucceeded
from heavylift.worker.run_totals import RunTotals
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


def _ended(seconds: float, *, committed: bool = True) -> AttemptEnded:
    return AttemptEnded(
        task_id="1", kind="a.b", queue="q", attempt=1, result="retry", duration=seconds, since_submit=2.0, committed=committed
    )


def test_ends_of_every_kind_are_summed_up_and_told_once(redis_store: RedisStore) -> None:
    totals = RunTotals({"fetch": Executor.ASYNCIO})
    totals.hear(TasksSucceeded(kind="fetch", queue="q", durations=(0.5, 1.5), since_submits=(2.0, 2.0)))
    totals.hear(_ended(3.0))
    totals.hear(_ended(100.0, committed=False))  # another worker holds the task, and will tell of it

    redis_store.run(Register("w1", ("q",), 60.0, {}))
    totals.tell(redis_store)
    totals.tell(redis_store)

    told = redis_store.run(Workload()).runs
    assert told == (Runs("q", Executor.ASYNCIO, "fetch", 2, 2.0), Runs("q", Executor.PROCESS, "a.b", 1, 3.0))


def test_a_worker_tells_what_its_children_ran_and_for_how_long(
    redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str
) -> None:
    naps = [Submission(kind="sample.sleep", payload=json.dumps({"seconds": 0.2})) for _ in range(2)]
    sums = [
        Submission(kind="sample.add_async", payload=json.dumps({"a": 1, "b": 2}), executor=Executor.ASYNCIO) for _ in range(30)
    ]
    with WorkerProcess(redis_server.url, namespace):
        redis_store.run(Submit((*naps, *sums)))

        def told() -> dict[str, Runs]:
            return {runs.kind: runs for runs in redis_store.run(Workload()).runs}

        runs = eventually(
            told,
            holds=lambda runs: sum(r.attempts for r in runs.values()) == len(naps) + len(sums),
            within=20,
            claim="the worker has told of every run",
        )

    assert (runs["sample.sleep"].attempts, runs["sample.sleep"].executor) == (2, Executor.PROCESS)
    assert 0.4 <= runs["sample.sleep"].seconds < 5
    assert (runs["sample.add_async"].attempts, runs["sample.add_async"].executor) == (30, Executor.ASYNCIO)
