"""Celery's result backend, read from the records: ``AsyncResult.state``, ``.get()`` and friends. Nothing is written here.

What a task returned is committed by the worker with the fence of its attempt, in the same call that ends the task; a second way
to write a result would be a way around the fence.
"""

import json
from typing import Any, Final

from celery import states
from celery.backends.base import BaseBackend
from celery.exceptions import TaskRevokedError
from kombu.utils.json import loads

from heavylift.celery.integration import integration_of
from heavylift.record import Form, Record
from heavylift.state import State
from heavylift.store.calls import Read
from heavylift.store.redis import RedisStore

_STATES: Final = {
    State.SCHEDULED: states.PENDING,
    State.QUEUED: states.PENDING,
    State.RUNNING: states.STARTED,
    State.SUCCEEDED: states.SUCCESS,
    State.FAILED: states.FAILURE,
    State.CANCELLED: states.REVOKED,
    State.EXPIRED: states.REVOKED,
}


class Backend(BaseBackend):
    """Reads records as Celery's task metadata."""

    persistent = True

    def __init__(self, app: Any, url: str | None = None, **kwargs: Any) -> None:
        super().__init__(app, url=url, **kwargs)
        self._store = RedisStore.of(integration_of(app).store)

    def store_result(self, task_id: str, result: Any, state: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """Return ``result`` and keep nothing: the worker commits the outcome."""
        return result

    def _get_task_meta_for(self, task_id: str) -> dict[str, Any]:
        record = self._store.run(Read(task_id))
        return _meta(task_id, record)

    def _forget(self, task_id: str) -> None:
        """Records end by their retention."""

    def wait_for(self, task_id: str, timeout: float | None = None, interval: float = 0.1, **kwargs: Any) -> Any:
        """As Celery's, asking every 100 ms rather than every half second."""
        return super().wait_for(task_id, timeout=timeout, interval=min(interval, 0.1), **kwargs)

    def as_uri(self, include_password: bool = False) -> str:  # noqa: ARG002  Celery's signature
        """What the banner shows: never a password."""
        return "heavylift"


def _meta(task_id: str, record: Record | None) -> dict[str, Any]:
    if record is None:
        return {"task_id": task_id, "status": states.PENDING, "result": None, "traceback": None, "children": []}
    retried = record.state is State.SCHEDULED and record.attempt > 1
    return {
        "task_id": task_id,
        "status": states.RETRY if retried else _STATES[record.state],
        "result": _result(record, retried=retried),
        "traceback": (record.error or {}).get("traceback"),
        "children": [],
        "date_done": record.ended_at and record.ended_at.isoformat(),
        "name": record.kind,
        "worker": record.worker,
        "retries": record.attempt - 1,
        "queue": record.queue,
    }


def _result(record: Record, *, retried: bool) -> Any:
    if record.state is State.SUCCEEDED:
        return loads(json.dumps(record.result)) if record.form is Form.CALL else record.result
    if record.state is State.FAILED or retried:
        error = record.error or {}
        return {"exc_type": error.get("type", "Exception"), "exc_message": [error.get("message", "")], "exc_module": "builtins"}
    if record.state in (State.CANCELLED, State.EXPIRED):
        return TaskRevokedError(record.state)
    return None
