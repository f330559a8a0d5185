"""``heavylift replay``: failed tasks begin anew."""

from typing import Annotated, Any

import typer

from heavylift.cli.api import Api, part
from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.each import tell_each
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.ids import TaskIds
from heavylift.cli.options import AsJson
from heavylift.cli.payload import read_payload

app = new_app()


@app.word("replay")
def replay(
    ids: TaskIds,
    payload: Annotated[
        str | None,
        typer.Option(
            metavar="JSON", help="Another payload in the place of theirs: JSON, or @file with it, or - for standard input."
        ),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Let tasks that failed begin anew, under their ids; `heavylift dlq replay` does many by a filter."""
    edit = {} if payload is None else {"payload": read_payload(payload, ())}
    with Api(url) as api, connect(url) as client:
        return tell_each(client, ids, lambda id_: _replay(api, id_, edit), as_json=as_json)


def _replay(api: Api, task_id: str, edit: dict[str, Any]) -> str:
    return f"replayed, and {api.change('POST', f'/v1/tasks/{part(task_id)}/replay', edit or None)['state']}"
