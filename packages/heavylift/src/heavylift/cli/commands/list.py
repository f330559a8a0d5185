"""``heavylift list``: tasks, newest first."""

from itertools import islice

from heavylift.cli.app import new_app
from heavylift.cli.choosing import TaskChoice
from heavylift.cli.connection import Url, connect
from heavylift.cli.options import AsJson, Limit
from heavylift.cli.plain import plain
from heavylift.cli.shown.tasks import say_tasks
from heavylift.cli.terminal import say_json

app = new_app()


@app.word("list")
def list_(choice: TaskChoice, limit: Limit = 20, as_json: AsJson = False, url: Url = None) -> None:
    """Show tasks, the newest first."""
    with connect(url) as client, client.list(**choice.which) as tasks:
        found = list(islice(tasks, limit + (not as_json)))
    if as_json:
        say_json(plain(found))
    else:
        say_tasks(found[:limit], more=len(found) > limit)
