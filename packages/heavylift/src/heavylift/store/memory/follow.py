"""What those who follow a task are told of it is read. Nobody is told of changes here: there is nobody else to make any."""

from heavylift.store import calls
from heavylift.store.memory.tables import Tables
from heavylift.story import LogPortion, Told


def follow(tables: Tables, call: calls.Follow) -> Told | None:
    kept = tables.tasks.get(call.id)
    if kept is None or call.reach not in (None, kept.record.tenant):
        return None
    record, portions = kept.record, _behind(kept.log, call.log_after)
    return Told(
        state=record.state,
        attempt=record.attempt,
        fence=record.fence,
        submitted_at=record.submitted_at,
        first_due_at=kept.first_due_at,
        queued_at=record.queued_at,
        started_at=record.started_at,
        ended_at=record.ended_at,
        progress=record.progress,
        progress_at=kept.progress_at,
        history=tuple(kept.history),
        log=portions,
        more=len(portions) == calls.PORTIONS,
    )


def read_log(tables: Tables, call: calls.ReadLog) -> tuple[LogPortion, ...] | None:
    kept = tables.tasks.get(call.id)
    return None if kept is None else _behind(kept.log, call.after)


def _behind(log: list[LogPortion], after: tuple[int, int]) -> tuple[LogPortion, ...]:
    return tuple(portion for portion in log if (portion.run, portion.lines[-1].number) > after)[: calls.PORTIONS]
