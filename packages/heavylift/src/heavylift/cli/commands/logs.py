"""``heavylift logs``: what a task has logged."""

from enum import StrEnum
from typing import Annotated

import typer

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.ids import TaskId, known
from heavylift.cli.options import AsJson
from heavylift.cli.plain import plain
from heavylift.cli.shown.events import log_line
from heavylift.cli.terminal import say, say_json_line
from heavylift.client.values import DroppedEvent, LogEvent, TaskEvent

app = new_app()


class Level(StrEnum):
    """How much a line matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@app.word("logs")
def logs(
    task_id: TaskId,
    level: Annotated[Level, typer.Option(metavar="LEVEL", help="The least level.")] = Level.DEBUG,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is logged until the task has ended.")] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show what a task has logged, the oldest line first."""
    with connect(url) as client, known(client, task_id):
        task = client.task(task_id)
        with task.events() if follow else task.logs(level=level) as told:
            for event in told:
                if _counts(event, level):
                    _say(event, as_json=as_json)


def _counts(event: TaskEvent, level: Level) -> bool:
    if isinstance(event, LogEvent):
        levels = list(Level)
        return event.level not in set(Level) or levels.index(Level(event.level)) >= levels.index(level)
    return isinstance(event, DroppedEvent)


def _say(event: TaskEvent, *, as_json: bool) -> None:
    if as_json:
        say_json_line(plain(event))
    elif isinstance(event, LogEvent):
        say(log_line(event))
    elif isinstance(event, DroppedEvent):
        say(f"({event.lines} lines are not kept)")
