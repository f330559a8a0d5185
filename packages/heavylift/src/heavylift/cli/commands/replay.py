"""``heavylift replay``: failed tasks begin anew."""

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.each import tell_each
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.ids import TaskIds
from heavylift.cli.options import AsJson

app = new_app()


@app.word("replay")
def replay(ids: TaskIds, as_json: AsJson = False, url: Url = None) -> ExitCode:
    """Let tasks that failed begin anew, under their ids; `heavylift dlq replay` does many by a filter."""
    with connect(url) as client:
        return tell_each(client, ids, lambda task_id: f"replayed, and {client.task(task_id).replay().state}", as_json=as_json)
