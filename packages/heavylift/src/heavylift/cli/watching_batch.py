"""A batch is watched until all its tasks have ended: one bar with its counts, a line for each change in a pipe, or JSON."""

from collections.abc import Iterator

from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.following import follow
from heavylift.cli.plain import plain
from heavylift.cli.terminal import is_terminal, say, say_json_line
from heavylift.client import Client
from heavylift.client.values import BatchEndEvent, BatchState, CountsEvent


def watch_batch(client: Client, batch_id: str, *, timeout: float | None, as_json: bool) -> ExitCode:
    """Show its counts until its end; 1 when a task of it has not succeeded. Raises BatchUnknown, WaitOver."""
    states = _states(client, batch_id, timeout)
    last = _say_json(states) if as_json else _show(states) if is_terminal() else _say(states)
    return ExitCode.DONE if last.succeeded == last.made else ExitCode.TASK_FAILED


def _states(client: Client, batch_id: str, timeout: float | None) -> Iterator[BatchState]:
    """The batch each time that it has changed, and at its end."""
    for happened in follow({batch_id: client.batch_of(batch_id).events}, timeout):
        if isinstance(happened.event, CountsEvent | BatchEndEvent):
            yield happened.event.batch


def batch_text(state: BatchState) -> str:
    """The counts that are not 0."""
    counts = {"succeeded": state.succeeded, "failed": state.failed, "cancelled": state.cancelled, "expired": state.expired}
    told = [f"{number} {name}" for name, number in counts.items() if number]
    return ", ".join([f"{state.made - state.pending} of {state.expected - state.existing} ended", *told])


def _say_json(states: Iterator[BatchState]) -> BatchState:
    for state in states:
        say_json_line(plain(state))
    return state


def _say(states: Iterator[BatchState]) -> BatchState:
    for state in states:
        say(batch_text(state))
    return state


def _show(states: Iterator[BatchState]) -> BatchState:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("batch"), BarColumn(bar_width=24), TimeElapsedColumn(), TextColumn("{task.description}")
    ) as progress:
        bar = progress.add_task("")
        for state in states:
            done, total = state.made - state.pending, state.expected - state.existing
            progress.update(bar, completed=done, total=total, description=batch_text(state))
    return state
