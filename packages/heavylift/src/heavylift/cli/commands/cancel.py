"""``heavylift cancel``: tasks and batches are called off."""

from typing import Annotated

import typer

from heavylift.cli.api import Api
from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.each import tell_each
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.in_bulk import All, AtMost, Ids, Kind, Queue, Tag, chosen, treat
from heavylift.cli.options import AsJson, Yes
from heavylift.cli.plain import plain
from heavylift.cli.terminal import say, say_json
from heavylift.cli.text import counted
from heavylift.client.values import BatchCancelled, Task
from heavylift.errors import ConfigurationInvalid

app = new_app()


@app.word("cancel")
def cancel(
    ids: Ids = None,
    batch: Annotated[str | None, typer.Option(metavar="ID", help="All tasks of this batch that have not ended.")] = None,
    kind: Kind = None,
    queue: Queue = None,
    tag: Tag = None,
    all_: All = False,
    limit: AtMost = None,
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Call tasks off: at once while they wait; those that run are asked to end."""
    if batch is not None:
        if ids or kind or queue or tag or all_:
            raise ConfigurationInvalid("--batch says which already; leave out the rest")
        return _cancel_batch(batch, url, as_json=as_json)
    which = chosen(ids, {"kind": kind, "queue": queue, "tag": tag}, everything=all_)
    if which:
        with Api(url) as api:
            return treat(api, "/v1/tasks/cancel", which, limit=limit, yes=yes, as_json=as_json)
    with connect(url) as client:
        return tell_each(client, ids or (), lambda task_id: _told(client.task(task_id).cancel()), as_json=as_json)


def _told(task: Task) -> str:
    return "cancelled" if task.ended else "runs, and is asked to end"


def _cancel_batch(batch: str, url: str | None, *, as_json: bool) -> ExitCode:
    with connect(url) as client:
        done: BatchCancelled = client.batch_of(batch).cancel()
    if as_json:
        say_json(plain(done))
    else:
        say(f"{counted(done.cancelled, 'task')} cancelled; {counted(done.asked, 'task')} running, and asked to end.")
    return ExitCode.DONE
