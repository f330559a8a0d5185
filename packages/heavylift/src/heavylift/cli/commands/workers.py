"""``heavylift workers``: who takes tasks."""

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.options import AsJson
from heavylift.cli.plain import plain
from heavylift.cli.shown.workers import say_workers
from heavylift.cli.terminal import say_json

app = new_app()


@app.word("workers")
def workers(as_json: AsJson = False, url: Url = None) -> None:
    """Show the children of workers that live, and what they run."""
    with connect(url) as client:
        found = list(client.workers())
    if as_json:
        say_json(plain(found))
    else:
        say_workers(found)
