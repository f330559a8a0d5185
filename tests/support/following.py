"""Submits a task to a worker and follows it by its record."""

import json
from typing import Any

from heavylift.record import Executor, Record, Submission
from heavylift.state import State
from heavylift.store.calls import Read, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually


def submit(store: RedisStore, kind: str, payload: Any = None, executor: Executor = Executor.PROCESS, **more: Any) -> str:
    """Submit one task; its id."""
    submission = Submission(kind=kind, payload=json.dumps(payload or {}), executor=executor, **more)
    store.run(Submit((submission,)))
    return submission.id


def record_of(store: RedisStore, task_id: str) -> Record:
    """The record of a task that exists."""
    record = store.run(Read(task_id))
    assert record is not None
    return record


def running(store: RedisStore, task_id: str, *, within: float = 15.0) -> Record:
    """The record once a worker has the task in hand."""
    return eventually(
        lambda: record_of(store, task_id), holds=lambda seen: seen.state is State.RUNNING, within=within, claim="its start"
    )


def ended(store: RedisStore, task_id: str, *, within: float = 15.0) -> Record:
    """The record at the end of the task."""
    return eventually(lambda: record_of(store, task_id), holds=lambda seen: seen.ended, within=within, claim="the task's end")
