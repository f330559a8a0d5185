"""How tasks are told to a person at a terminal."""

from collections.abc import Sequence
from typing import Any, Final

from heavylift.cli.fields import readable, say_fields
from heavylift.cli.fitting import Column
from heavylift.cli.tables import Cell, Row, say_table
from heavylift.cli.terminal import say
from heavylift.cli.text import age, lines, moment
from heavylift.client.values import Attempt, Task, TaskError, TaskSummary
from heavylift.state import State

STYLES: Final = {
    State.SCHEDULED: "blue",
    State.QUEUED: "default",
    State.RUNNING: "cyan",
    State.SUCCEEDED: "green",
    State.FAILED: "red",
    State.CANCELLED: "yellow",
    State.EXPIRED: "yellow",
}
_COLUMNS: Final = (
    Column("ID", whole=True),
    Column("STATE", whole=True),
    Column("KIND"),
    Column("QUEUE", spare=3),
    Column("SUBMITTED", spare=1),
    Column("TRY", spare=2),
    Column("SAYS"),
)
_ATTEMPTS: Final = (
    Column("TRY"),
    Column("RUN", spare=3),
    Column("FATE"),
    Column("WORKER", spare=2),
    Column("ENDED", spare=1),
    Column("WHY"),
)


def say_tasks(tasks: Sequence[TaskSummary], *, more: bool) -> None:
    """A line for each."""
    if not tasks:
        say("No tasks fit.")
        return
    say_table(_COLUMNS, [_row(task) for task in tasks])
    if more:
        say("There are more: raise --limit, or narrow the filter.")


def say_task(task: Task, attempts: Sequence[Attempt]) -> None:
    """All that is known of one."""
    say_fields(_fields(task))
    if attempts:
        say("")
        say_table(_ATTEMPTS, [_attempt(past) for past in attempts])
    if task.error is not None and task.error.traceback:
        say(f"\n{lines(task.error.traceback)}")


def progress_text(progress: Any) -> str:
    """How far a task is, in words: ``40 of 100, row 40``."""
    if not isinstance(progress, dict) or "done" not in progress:
        return "" if progress is None else readable(progress)
    done, total, message = progress["done"], progress.get("total"), progress.get("message")
    counted = f"{done:g}" if total is None else f"{done:g} of {total:g}"
    return f"{counted}, {message}" if message else counted


def error_text(error: TaskError | None) -> str:
    """What went wrong, in short."""
    return "" if error is None else ": ".join(part for part in (error.type, error.message) if part)


def _row(task: TaskSummary) -> Row:
    state = Cell(task.state, STYLES[task.state])
    says = error_text(task.error) or progress_text(task.progress)
    return task.id, state, task.kind, task.queue, age(task.submitted_at), tries(task), says


def tries(task: TaskSummary) -> str:
    """Which try it is, of how many."""
    return f"{task.attempt}/{task.max_attempts}"


def _attempt(past: Attempt) -> Row:
    why = ": ".join(part for part in (past.error_type, past.cause or past.message) if part)
    return str(past.attempt), str(past.run), past.fate, past.worker or "", moment(past.ended_at), why


def _fields(task: Task) -> dict[str, str | None]:
    return {
        "id": task.id,
        "kind": task.kind,
        "state": f"{task.state}, to be cancelled" if task.cancel_requested and not task.ended else task.state,
        "reason": task.reason,
        "fingerprint": task.fingerprint,
        "queue": f"{task.queue}, priority {task.priority}",
        "tags": ", ".join(task.tags),
        "tenant": task.tenant,
        "batch": task.batch,
        "try": f"{tries(task)}{f', {task.deaths} workers died of it' if task.deaths else ''}",
        "worker": task.worker,
        "submitted": moment(task.submitted_at),
        "due": moment(task.due_at),
        "started": moment(task.started_at),
        "ended": moment(task.ended_at),
        "expires": moment(task.expires_at),
        "trace": task.trace_id,
        "progress": progress_text(task.progress),
        "payload": "(held back: the key lacks the scope payload)" if task.redacted else readable(task.payload),
        "result": readable(task.result) if task.state is State.SUCCEEDED and not task.redacted else None,
        "error": error_text(task.error),
    }
