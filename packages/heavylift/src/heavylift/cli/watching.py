"""Tasks are watched until they have ended: with bars at a terminal, a line for each event in a pipe, or JSON."""

from collections.abc import Sequence

from heavylift.cli.bars import Bars
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.fields import readable
from heavylift.cli.following import follow
from heavylift.cli.ids import known
from heavylift.cli.shown.tasks import error_text
from heavylift.cli.terminal import is_terminal, note, say
from heavylift.cli.views import JsonLines, Lines, View
from heavylift.client import Client
from heavylift.client.values import EndEvent, Task
from heavylift.state import State


def watch(client: Client, ids: Sequence[str], *, timeout: float | None, as_json: bool) -> ExitCode:
    """Show what becomes of them; 1 when one has not succeeded. Raises TaskUnknown, WaitOver."""
    tasks = [_read(client, task_id) for task_id in ids]
    ends: list[EndEvent] = []
    with _view(tasks, as_json=as_json) as view:
        for happened in follow({task_id: client.task(task_id).events for task_id in ids}, timeout):
            view.show(happened.id, happened.event)
            if isinstance(happened.event, EndEvent):
                ends.append(happened.event)
    if is_terminal() and not as_json:
        _tell_ends(ends)
    return ExitCode.DONE if all(end.task.state is State.SUCCEEDED for end in ends) else ExitCode.TASK_FAILED


def _read(client: Client, task_id: str) -> Task:
    with known(client, task_id):
        return client.task(task_id).read()


def _view(tasks: Sequence[Task], *, as_json: bool) -> View:
    if as_json:
        return JsonLines()
    return Bars(tasks) if is_terminal() else Lines(tasks)


def _tell_ends(ends: Sequence[EndEvent]) -> None:
    """The result of one, and what went wrong in each that has none."""
    for end in ends:
        if end.task.error is not None:
            note(f"{end.task.id} {end.task.state}: {error_text(end.task.error)}")
        elif len(ends) == 1 and end.result is not None:
            say(readable(end.result))
