"""A worker takes nothing of a paused queue, and begins at once when it is resumed."""

import json
from datetime import datetime

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Record, Submission
from heavylift.state import State
from heavylift.store.calls import PauseQueue, Read, ReadQueues, ResumeQueue, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

KINDS = {Executor.PROCESS: "sample.add", Executor.ASYNCIO: "sample.add_async"}


def _submit(store: RedisStore, executor: Executor, queue: str = "default") -> str:
    payload = json.dumps({"a": 1, "b": 2})
    submission = Submission(kind=KINDS[executor], payload=payload, executor=executor, queue=queue)
    store.run(Submit((submission,)))
    return submission.id


def _record(store: RedisStore, id_: str) -> Record:
    record = store.run(Read(id_))
    assert record is not None
    return record


def _started(store: RedisStore, id_: str) -> datetime:
    eventually(lambda: _record(store, id_).state, holds=State.SUCCEEDED.__eq__, claim="the end")
    started = _record(store, id_).started_at
    assert started is not None
    return started


@pytest.mark.parametrize("executor", list(KINDS))
def test_nothing_of_a_paused_queue_begins_and_all_of_it_begins_at_once_when_it_is_resumed(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore, executor: Executor
) -> None:
    delays = []
    with WorkerProcess(redis_server.url, namespace, HEAVYLIFT_WORKER_QUEUES="default,other"):
        _started(redis_store, _submit(redis_store, executor))
        for _ in range(5):
            # Given a worker that waits, and a queue that was paused before the task came
            redis_store.run(PauseQueue("default"))
            held = _submit(redis_store, executor)

            # When the worker has taken what came later into another queue, the task is still there
            _started(redis_store, _submit(redis_store, executor, queue="other"))
            assert _record(redis_store, held).state is State.QUEUED

            # Then it begins as soon as the queue is resumed
            resumed = _submit(redis_store, executor)  # whose moment is that of the same clock
            redis_store.run(ResumeQueue("default"))
            delays.append((_started(redis_store, held) - _record(redis_store, resumed).submitted_at).total_seconds())

        assert sorted(delays)[-2] < 0.5, delays  # by the end of a blocking read it would be two seconds

        redis_store.run(PauseQueue("default", 0.2))
        _started(redis_store, _submit(redis_store, executor))
        assert redis_store.run(ReadQueues("default")).queues[0].pause is None
