"""``heavylift get``: all that is known of a task."""

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.ids import TaskId, known
from heavylift.cli.options import AsJson
from heavylift.cli.plain import plain
from heavylift.cli.shown.tasks import say_task
from heavylift.cli.terminal import say_json

app = new_app()


@app.word("get")
def get(task_id: TaskId, as_json: AsJson = False, url: Url = None) -> None:
    """Show all that is known of a task, with the history of its attempts."""
    with connect(url) as client, known(client, task_id):
        task, attempts = client.task(task_id).read(), client.task(task_id).attempts()
    if as_json:
        say_json(plain(task) | {"attempts": plain(attempts)})
    else:
        say_task(task, attempts)
