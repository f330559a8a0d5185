"""Records in the shape in which Celery speaks of tasks."""

import os
from collections.abc import Container, Iterator
from typing import Any, Final

from heavylift.claim_check import ClaimCheck
from heavylift.record import Form, Record, read_value
from heavylift.state import State
from heavylift.store.calls import List
from heavylift.worker.guardian import Guardian

MOST: Final = 200  # tasks in one answer: a message of the broker holds it, and a person reads no more
_PAGE: Final = 1000  # records looked at in one call
_PAGES: Final = 20


def guardian_of(state: Any) -> Guardian:
    """The guardian of the worker that got the command."""
    guardian: Guardian = state.consumer.pool.guardian
    return guardian


def records_in(guardian: Guardian, state: State, *, queues: Container[str] | None = None, most: int = MOST) -> list[Record]:
    """The newest records in a state, of these queues where some are given."""
    found = (record for record in _walk(guardian, state) if queues is None or record.queue in queues)
    return [record for _, record in zip(range(most), found, strict=False)]


def in_hand(guardian: Guardian) -> Iterator[tuple[Record, bool]]:
    """What the children hold, and of each whether it has begun: one that runs tasks one by one may have claimed some ahead."""
    pids, rows = guardian.census.pids(), guardian.census.running()
    for record in _walk(guardian, State.RUNNING):
        if record.worker in pids:
            running, _ = rows.get(record.worker, (None, 0))
            yield record, record.worker not in rows or (running is not None and running.task_id == record.id)


def info(record: Record, guardian: Guardian, hostname: str) -> dict[str, Any]:
    """One task, as ``celery inspect active`` shows it."""
    args, kwargs = _arguments(record)
    return {
        "id": record.id,
        "name": record.kind,
        "type": record.kind,
        "args": args,
        "kwargs": kwargs,
        "hostname": hostname,
        "time_start": record.started_at.timestamp() if record.state is State.RUNNING and record.started_at else None,
        "acknowledged": False,
        "delivery_info": {
            "exchange": "",
            "routing_key": record.queue,
            "priority": record.priority,
            "redelivered": record.deaths > 0,
        },
        "worker_pid": guardian.census.pids().get(record.worker or "", os.getpid()) if record.worker else None,
        "retries": record.attempt - 1,
        "state": record.state,
    }


def _walk(guardian: Guardian, state: State) -> Iterator[Record]:
    cursor: int | None = None
    for _ in range(_PAGES):
        page = guardian.store.run(List(state=state, count=_PAGE, cursor=cursor))
        yield from page.records
        cursor = page.cursor
        if cursor is None:
            return


def _arguments(record: Record) -> tuple[Any, Any]:
    payload = read_value(record.payload)
    if record.form is Form.CALL and isinstance(payload, dict):
        return payload.get("args", []), payload.get("kwargs", {})
    return [record.payload if isinstance(payload, ClaimCheck) else payload], {}
