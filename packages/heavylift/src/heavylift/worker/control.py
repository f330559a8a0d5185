"""Celery's control commands, where our worker knows better than Celery's own state: what runs is in the records."""

from typing import Any

from celery.worker.control import control_command, inspect_command, ok

from heavylift.record import Record
from heavylift.state import State
from heavylift.store.calls import Cancel, List
from heavylift.worker.guardian import Guardian


@inspect_command(alias="dump_active", signature="[safe]", args=[("safe", bool)])
def active(state: Any, safe: bool = False, **_: Any) -> list[dict[str, Any]]:  # noqa: ARG001  Celery's signature
    """The tasks that this worker has in hand, at most 200."""
    guardian: Guardian = state.consumer.pool.guardian
    mine = set(guardian.consumers())
    page = guardian.store.run(List(state=State.RUNNING, count=200))
    return [_info(record, state.hostname) for record in page.records if record.worker in mine]


@inspect_command(alias="dump_reserved")
def reserved(state: Any, **_: Any) -> list[dict[str, Any]]:  # noqa: ARG001
    """Nothing: children claim what they start."""
    return []


@inspect_command(alias="dump_schedule")
def scheduled(state: Any, **_: Any) -> list[dict[str, Any]]:  # noqa: ARG001
    """Nothing: what waits for its time waits in the store."""
    return []


@inspect_command()
def active_queues(state: Any) -> list[dict[str, Any]]:
    """The queues that this worker serves."""
    guardian: Guardian = state.consumer.pool.guardian
    return [{"name": queue, "routing_key": queue} for queue in guardian.queues]


@control_command(variadic="task_id", signature="[id1 [id2 [... [idN]]]]")
def revoke(state: Any, task_id: Any, **_: Any) -> Any:
    """Cancel tasks: one that waits ends at once, one that runs is asked to end."""
    ids = [task_id] if isinstance(task_id, str) else list(task_id or ())
    guardian: Guardian = state.consumer.pool.guardian
    for id_ in ids:
        guardian.store.run(Cancel(id_))
    return ok(f"cancellation asked for: {', '.join(ids)}")


def _info(record: Record, hostname: str) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.kind,
        "type": record.kind,
        "args": record.payload,
        "kwargs": {},
        "hostname": hostname,
        "time_start": record.started_at.timestamp() if record.started_at else None,
        "acknowledged": False,
        "delivery_info": {"routing_key": record.queue, "redelivered": record.deaths > 0},
        "worker_pid": None,
    }
