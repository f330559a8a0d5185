"""``celery inspect``: what this worker has, and what the store has for its queues."""

import os
from typing import Any

from celery.worker.control import inspect_command

from heavylift.record import Record
from heavylift.state import State
from heavylift.store.calls import Read
from heavylift.worker.control.info import MOST, guardian_of, in_hand, info, records_in
from heavylift.worker.memory import resident


@inspect_command(alias="dump_active", signature="[safe]", args=[("safe", bool)])
def active(state: Any, safe: bool = False, **_: Any) -> list[dict[str, Any]]:  # noqa: ARG001  Celery's signature
    """The tasks that run in this worker, at most 200."""
    guardian = guardian_of(state)
    return [info(record, guardian, state.hostname) for record, begun in in_hand(guardian) if begun][:MOST]


@inspect_command(alias="dump_reserved")
def reserved(state: Any, **_: Any) -> list[dict[str, Any]]:
    """The tasks that this worker has claimed and not begun: a few milliseconds of work, at most 200."""
    guardian = guardian_of(state)
    return [info(record, guardian, state.hostname) for record, begun in in_hand(guardian) if not begun][:MOST]


@inspect_command(alias="dump_schedule")
def scheduled(state: Any, **_: Any) -> list[dict[str, Any]]:
    """The newest 200 tasks of this worker's queues that wait in the store for their time. No worker holds them."""
    guardian = guardian_of(state)
    waiting = records_in(guardian, State.SCHEDULED, queues=guardian.queues)
    return [
        {
            "eta": record.due_at.isoformat() if record.due_at else None,
            "priority": record.priority,
            "request": info(record, guardian, state.hostname),
        }
        for record in waiting
    ]


@inspect_command(alias="dump_revoked")
def revoked(state: Any, **_: Any) -> list[str]:
    """The ids of the newest 200 tasks that were called off."""
    return [record.id for record in records_in(guardian_of(state), State.CANCELLED)]


@inspect_command(variadic="ids", signature="[id1 [id2 [... [idN]]]]")
def query_task(state: Any, ids: Any, **_: Any) -> dict[str, Any]:
    """Where tasks are, by id: their state, and what is known of them. What runs is told by the worker that runs it."""
    guardian = guardian_of(state)
    mine = guardian.census.pids()
    records = [guardian.store.run(Read(id_)) for id_ in ([ids] if isinstance(ids, str) else ids or ())]
    return {
        record.id: [_state(record), info(record, guardian, state.hostname)]
        for record in records
        if record is not None and (record.state is not State.RUNNING or record.worker in mine)
    }


@inspect_command()
def active_queues(state: Any, **_: Any) -> list[dict[str, Any]]:
    """The queues from which this worker takes tasks."""
    known = state.app.amqp.queues
    return [
        known[queue].as_dict(recurse=True) if queue in known else {"name": queue, "routing_key": queue}
        for queue in guardian_of(state).queues
    ]


@inspect_command()
def memsample(state: Any, **_: Any) -> dict[str, Any]:
    """MiB of resident memory of this worker's processes."""
    return {"guardian": round(resident(os.getpid()), 1), "children": guardian_of(state).census.weights()}


def _state(record: Record) -> str:
    """In Celery's word where it has one for it."""
    return {State.RUNNING: "active", State.SCHEDULED: "scheduled"}.get(record.state, record.state.value)
