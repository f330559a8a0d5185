"""``celery control``: what can be changed while a worker runs."""

from collections import defaultdict
from typing import Any

from celery.worker.control import control_command, nok, ok

from heavylift.settings import queue_weights
from heavylift.state import State
from heavylift.store.calls import Cancel
from heavylift.worker.control.info import guardian_of
from heavylift.worker.guardian import Guardian
from heavylift.worker.staff import MOST


@control_command(variadic="task_id", signature="[id1 [id2 [... [idN]]]]")
def revoke(state: Any, task_id: Any, **_: Any) -> Any:
    """Cancel tasks: one that waits ends at once, one that runs is asked to end."""
    guardian = guardian_of(state)
    said: defaultdict[str, list[str]] = defaultdict(list)
    for id_ in [task_id] if isinstance(task_id, str) else list(task_id or ()):
        said[_cancel(guardian, id_)].append(id_)
    return ok("; ".join(f"{words}: {', '.join(ids)}" for words, ids in said.items()) or "no task was named")


@control_command(variadic="task_id", args=[("signal", str)], signature="<signal> [id1 [id2 [... [idN]]]]")
def terminate(state: Any, signal: str, task_id: Any, **_: Any) -> Any:  # noqa: ARG001  Celery's signature
    """The same as revoke: how a running task is ended follows from its kind of child, and not from a signal."""
    return revoke(state, task_id)


@control_command(args=[("n", int)], signature="[N=1]")
def pool_grow(state: Any, n: int = 1, **_: Any) -> Any:
    """Have more children of this worker's first kind."""
    staff = guardian_of(state).staff
    if n < 1 or staff.number + n > MOST:
        return nok(f"the worker has {staff.number} children of kind {staff.kind} and can have 1 to {MOST}")
    staff.grow(n)
    return ok(f"the worker will have {n} more children of kind {staff.kind}")


@control_command(args=[("n", int)], signature="[N=1]")
def pool_shrink(state: Any, n: int = 1, **_: Any) -> Any:
    """Let children of this worker's first kind go, the idlest first, each when what it runs has ended."""
    staff = guardian_of(state).staff
    if n < 1 or staff.number - n < 1:
        return nok(f"the worker has {staff.number} children of kind {staff.kind}, and one of them stays")
    staff.shrink(n)
    return ok(f"the worker will have {n} fewer children of kind {staff.kind}")


@control_command()
def pool_restart(state: Any, modules: Any = None, reload: bool = False, **_: Any) -> Any:
    """Replace every child by a new one, when what it runs has ended."""
    if modules or reload:
        return nok("children are forked from what the worker has imported at its start; to run other code restart the worker")
    guardian_of(state).staff.replace_all()
    return ok("every child will be replaced when what it runs has ended")


@control_command(args=[("queue", str)], signature="<queue[=weight]>")
def add_consumer(state: Any, queue: str, **_: Any) -> Any:
    """Take tasks from one more queue, or from one with another weight."""
    guardian = guardian_of(state)
    try:
        ((name, weight),) = queue_weights([queue]).items()
    except ValueError as error:
        return nok(str(error))
    if guardian.queues.get(name) == weight:
        return ok(f"tasks are taken from {name} already")
    state.app.amqp.queues.select_add(name)
    guardian.staff.serve({**guardian.queues, name: weight})
    return ok(f"tasks will be taken from {name}, with weight {weight}")


@control_command(args=[("queue", str)], signature="<queue>")
def cancel_consumer(state: Any, queue: str, **_: Any) -> Any:
    """Take no more tasks from a queue; what runs ends in peace."""
    guardian = guardian_of(state)
    rest = {name: weight for name, weight in guardian.queues.items() if name != queue}
    if queue not in guardian.queues:
        return ok(f"no tasks are taken from {queue}")
    if not rest:
        return nok(f"{queue} is the only queue of this worker; to take no tasks at all stop it")
    guardian.staff.serve(rest)
    return ok(f"no more tasks will be taken from {queue}")


@control_command()
def enable_events(state: Any, **_: Any) -> Any:
    """Send an event for each start and each end of a task."""
    guardian_of(state).events.enable()
    return ok("task events are sent")


@control_command()
def disable_events(state: Any, **_: Any) -> Any:
    """Send no events of tasks."""
    guardian_of(state).events.disable()
    return ok("no task events are sent")


@control_command()
def heartbeat(state: Any, **_: Any) -> None:
    """Send a heartbeat now."""
    state.consumer.heart.beat()


def _cancel(guardian: Guardian, id_: str) -> str:
    reply = guardian.store.run(Cancel(id_))
    if reply is None:
        return "not known"
    if reply.changed and reply.state is State.CANCELLED:
        guardian.events.put("task-revoked", uuid=id_, terminated=False, signum=None, expired=False)
    if reply.state is State.RUNNING:
        return "asked to end"
    return "cancelled" if reply.state is State.CANCELLED else f"had ended as {reply.state}"
