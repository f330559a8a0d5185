"""``heavylift watch``: tasks and batches, as it happens."""

from typing import Annotated

import typer

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.options import AsJson, Timeout
from heavylift.cli.watching import watch
from heavylift.cli.watching_batch import watch_batch
from heavylift.errors import ConfigurationInvalid

app = new_app()


@app.word("watch")
def watch_(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids of tasks.")] = None,
    batch: Annotated[str | None, typer.Option(metavar="ID", help="A batch, with its counts.")] = None,
    timeout: Timeout = None,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Watch tasks or a batch until they have ended: states, progress and lines of log."""
    if bool(ids) == bool(batch):
        raise ConfigurationInvalid("say what to watch: tasks by their ids, or one batch with --batch ID")
    with connect(url) as client:
        if batch is not None:
            return watch_batch(client, batch, timeout=timeout, as_json=as_json)
        return watch(client, list(dict.fromkeys(ids or ())), timeout=timeout, as_json=as_json)
