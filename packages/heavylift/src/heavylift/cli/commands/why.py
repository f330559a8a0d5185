"""``heavylift why``: why a task is where it is."""

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.ids import TaskId, known
from heavylift.cli.options import AsJson
from heavylift.cli.plain import plain
from heavylift.cli.shown.why import say_why
from heavylift.cli.terminal import say_json

app = new_app()


@app.word("why")
def why(task_id: TaskId, as_json: AsJson = False, url: Url = None) -> None:
    """Say why a task is where it is, and when it will probably start."""
    with connect(url) as client, known(client, task_id):
        told = client.task(task_id).why()
    if as_json:
        say_json(plain(told))
    else:
        say_why(told)
