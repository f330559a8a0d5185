"""Celery's result backend, read from the records: ``AsyncResult.state``, ``.get()`` and friends. No result is written here.

What a task returned is committed by the worker with the fence of its attempt, in the same call that ends the task; a second way
to write a result would be a way around the fence. What a running task says of itself goes into its record under that fence, too.
"""

import json
from dataclasses import replace
from typing import Any, Final

from celery import current_task, states
from celery.backends.base import BaseBackend
from celery.exceptions import TaskRevokedError
from celery.result import GroupResult
from kombu.utils.json import loads

from heavylift.celery.exceptions import as_celery_keeps_it
from heavylift.celery.failing import fail
from heavylift.celery.groups import Groups
from heavylift.celery.integration import integration_of
from heavylift.claim_check import ClaimCheck
from heavylift.errors import PermanentError
from heavylift.objects.blocking import BlockingKeeper
from heavylift.record import Form, Record
from heavylift.state import State
from heavylift.store.calls import Memo, Read, Remember
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter
from heavylift.telemetry.logs import Logs

CHORD_LOOK: Final = 0.25  # seconds between looks at whether the header of a chord is through

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
        integration = integration_of(app)
        self._store = RedisStore.of(integration.store)
        self._groups = Groups(integration.store)
        self._objects = integration.objects

    def store_result(self, task_id: str, result: Any, state: str, *args: Any, request: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002
        """Keep what ``update_state`` says of the running task, in its record. Its outcome is committed by the worker.

        An error that Celery tells of another task, one that will never be sent because something before it failed (the rest of a
        chain, the body of a chord), becomes the end of that task. Raises PermanentError for any other state of another task.
        """
        running = current_task.request.id if current_task else None
        if task_id == running and state not in states.ALL_STATES:
            self._store.run(Remember((Memo.progress(task_id, request.fence, {"state": state, "meta": result}),)))
        elif task_id != running and state in states.EXCEPTION_STATES:
            fail(self.app, task_id, self.prepare_exception(result, "json"))
        elif task_id != running:
            raise PermanentError("update_state() of another task is not supported: only the task itself holds its fence")
        return result

    def _get_task_meta_for(self, task_id: str) -> dict[str, Any]:
        record = self._store.run(Read(task_id))
        if record is not None and isinstance(record.result, ClaimCheck):
            record = replace(record, result=self._fetched(record.result))
        return _meta(task_id, record)

    def _fetched(self, check: ClaimCheck) -> Any:
        return json.loads(BlockingKeeper(self._objects, self._store, Reporter(Logs())).fetch(check))

    def _save_group(self, group_id: str, result: GroupResult) -> GroupResult:
        self._groups.save(group_id, result)
        return result

    def _restore_group(self, group_id: str) -> dict[str, Any] | None:
        group = self._groups.restore(group_id, self.app)
        return None if group is None else {"result": group}

    def _delete_group(self, group_id: str) -> None:
        self._groups.delete(group_id)

    def fallback_chord_unlock(self, header_result: Any, body: Any, countdown: float = CHORD_LOOK, **kwargs: Any) -> None:
        """As Celery's, with a first look at the header sooner than after its second."""
        super().fallback_chord_unlock(header_result, body, countdown=min(countdown, CHORD_LOOK), **kwargs)

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
    status, result = _progress(record) or (states.RETRY if retried else _STATES[record.state], _result(record, retried=retried))
    return {
        "task_id": task_id,
        "status": status,
        "result": result,
        "traceback": (record.error or {}).get("traceback"),
        "children": [],
        "date_done": record.ended_at and record.ended_at.isoformat(),
        "name": record.kind,
        "worker": record.worker,
        "retries": record.attempt - 1,
        "queue": record.queue,
    }


def _progress(record: Record) -> tuple[str, Any] | None:
    """What a running task has said of itself, as state and info: Celery's own way, or with ``context.progress``."""
    if record.state is not State.RUNNING or record.progress is None:
        return None
    match record.progress:
        case {"state": str() as state, "meta": meta}:
            return state, meta
        case progress:
            return "PROGRESS", progress


def _result(record: Record, *, retried: bool) -> Any:
    if record.state is State.SUCCEEDED:
        return loads(json.dumps(record.result)) if record.form is Form.CALL else record.result
    if record.state is State.FAILED or retried:
        return as_celery_keeps_it(record.error or {})
    if record.state in (State.CANCELLED, State.EXPIRED):
        return TaskRevokedError(record.state)
    return None
