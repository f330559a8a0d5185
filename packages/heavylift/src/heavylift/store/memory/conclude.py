"""A task leaves the hand of its worker."""

from datetime import timedelta
from typing import Any

from heavylift.history import Fate, fate_of, told_of
from heavylift.outcome import Cancelled, Failed, Outcome, Retry, Succeeded
from heavylift.record import read_value
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.memory.tables import Entry, Tables, as_json


def complete(tables: Tables, call: calls.Complete) -> tuple[bool, ...]:
    return tuple(_complete_one(tables, task) for task in call.ended)


def _complete_one(tables: Tables, task: calls.Ended) -> bool:
    kept = tables.tasks.get(task.id)
    if kept is None or kept.record.fence != task.fence:
        return False
    state, fields = _ending(task.outcome)
    if state is State.FAILED and kept.record.cancel_requested:
        state, fields = State.CANCELLED, {"error": fields["error"]}
    if kept.record.state is State.RUNNING:
        _note(tables, kept, task.outcome, state)
        tables.end(kept, state, **fields)
    return kept.record.state is state


def _note(tables: Tables, kept: Entry, outcome: Outcome, state: State) -> None:
    if isinstance(outcome, Failed | Retry):
        tables.note(kept, Fate.CANCELLED if state is State.CANCELLED else fate_of(outcome), **told_of(outcome.error))
    elif state is State.CANCELLED:
        tables.note(kept, Fate.CANCELLED)


def reschedule(tables: Tables, call: calls.Reschedule) -> tuple[bool, ...]:
    return tuple(_reschedule_one(tables, task) for task in call.ended)


def _reschedule_one(tables: Tables, task: calls.Ended) -> bool:
    assert isinstance(task.outcome, Retry)  # noqa: S101  the type of the field cannot say it
    kept = tables.tasks.get(task.id)
    if kept is None or kept.record.fence != task.fence:
        return False
    if kept.record.state is not State.RUNNING:
        return kept.record.state in (State.SCHEDULED, State.CANCELLED)
    error = as_json(task.outcome.error)
    _note(tables, kept, task.outcome, State.CANCELLED if kept.record.cancel_requested else State.SCHEDULED)
    if kept.record.cancel_requested:
        tables.end(kept, State.CANCELLED, error=error)
    else:
        due = tables.now() + timedelta(seconds=task.outcome.delay)
        attempt, payload = kept.record.attempt + 1, task.outcome.payload or kept.record.payload
        tables.move(kept, State.SCHEDULED, due_at=due, error=error, attempt=attempt, payload=payload, worker=None)
        tables.count(kept.record.queue, "retried")
    return True


def release(tables: Tables, call: calls.Release) -> tuple[bool, ...]:
    return tuple(_release_one(tables, id_, fence) for id_, fence in call.held)


def _release_one(tables: Tables, id_: str, fence: int) -> bool:
    kept = tables.running(id_, fence)
    if kept is not None:
        tables.give_back(kept)
    return kept is not None


def _ending(outcome: Any) -> tuple[State, dict[str, Any]]:
    match outcome:
        case Succeeded(result):
            return State.SUCCEEDED, {"result": read_value(result), "error": None}
        case Failed(error, reason):
            return State.FAILED, {"error": as_json(error), "reason": reason, "fingerprint": error.fingerprint}
        case Cancelled():
            return State.CANCELLED, {}
    raise TypeError("a retry is rescheduled, not completed")
