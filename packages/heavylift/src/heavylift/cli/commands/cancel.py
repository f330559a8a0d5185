"""``heavylift cancel``: tasks and batches are called off."""

from typing import Annotated

import typer

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.each import tell_each
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.options import AsJson
from heavylift.cli.plain import plain
from heavylift.cli.terminal import say, say_json
from heavylift.cli.text import counted
from heavylift.client import Client
from heavylift.client.values import Task
from heavylift.errors import ConfigurationInvalid

app = new_app()


@app.word("cancel")
def cancel(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids of tasks.", show_default=False)] = None,
    batch: Annotated[str | None, typer.Option(metavar="ID", help="All tasks of this batch that have not ended.")] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Call tasks off: at once while they wait; those that run are asked to end."""
    if bool(ids) == bool(batch):
        raise ConfigurationInvalid("say which: tasks by their ids, or one batch with --batch ID")
    with connect(url) as client:
        if batch is not None:
            return _cancel_batch(client, batch, as_json=as_json)
        return tell_each(client, ids or (), lambda task_id: _told(client.task(task_id).cancel()), as_json=as_json)


def _told(task: Task) -> str:
    return "cancelled" if task.ended else "runs, and is asked to end"


def _cancel_batch(client: Client, batch: str, *, as_json: bool) -> ExitCode:
    done = client.batch_of(batch).cancel()
    if as_json:
        say_json(plain(done))
    else:
        say(f"{counted(done.cancelled, 'task')} cancelled; {counted(done.asked, 'task')} running, and asked to end.")
    return ExitCode.DONE
