"""A clock that goes wrong by an hour under a task in hand."""

import json
from pathlib import Path

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Record, Submission
from heavylift.state import State
from heavylift.store.calls import Read, Submit
from heavylift.store.redis import RedisStore
from tests.chaos.fleet import Worker
from tests.chaos.journal import Journal
from tests.support.eventually import eventually


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_task_with_a_time_limit_survives_a_step_of_its_workers_clock(
    redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str, journal: Journal, tmp_path: Path, step: float
) -> None:
    with Worker(redis_server.url, namespace, children=2, lease=2.0, clock=tmp_path / "clock") as worker:
        # Given a task within its limit of 300 s
        payload = {"token": "a", "journal": journal.url, "seconds": 2.0}
        task = Submission(kind="chaos.timed", payload=json.dumps(payload))
        redis_store.run(Submit((task,)))
        eventually(lambda: journal.last_runs(worker.children()), claim="the task's start")

        # When the clock goes wrong while it runs
        began = journal.now()
        worker.step_clock(step)

        # Then it ends as if nothing had happened, and saw the wrong time
        record = eventually(lambda: ended(redis_store, task.id), claim="the task's end")
        assert record is not None
        assert (record.state, record.fence) == (State.SUCCEEDED, 1), record.error
        (skew,) = journal.skews(worker.children(), since=began)
        assert [round(seconds / 60) for seconds in skew] == [step / 60] * 2


def ended(store: RedisStore, task: str) -> Record | None:
    record = store.run(Read(task))
    return record if record is not None and record.ended else None
