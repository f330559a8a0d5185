"""``heavylift list``: tasks, newest first."""

from itertools import islice
from typing import Annotated

import typer

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.options import AsJson, Limit
from heavylift.cli.plain import plain
from heavylift.cli.shown.tasks import say_tasks
from heavylift.cli.terminal import say_json
from heavylift.state import State

app = new_app()


@app.word("list")
def list_(
    state: Annotated[State | None, typer.Option(metavar="STATE", help="Only those in this state.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this kind.")] = None,
    queue: Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this queue.")] = None,
    tag: Annotated[str | None, typer.Option(metavar="TEXT", help="Only those with this tag.")] = None,
    batch: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this batch.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show tasks, the newest first."""
    with connect(url) as client, client.list(state=state, kind=kind, queue=queue, tag=tag, batch=batch) as tasks:
        found = list(islice(tasks, limit + (not as_json)))
    if as_json:
        say_json(plain(found))
    else:
        say_tasks(found[:limit], more=len(found) > limit)
