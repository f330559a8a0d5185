"""``heavylift retry``: tasks that wait for their time begin now."""

from heavylift.cli.api import Api, part
from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.each import tell_each
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.in_bulk import All, AtMost, Ids, Kind, Queue, Tag, chosen, treat
from heavylift.cli.options import AsJson, Yes

app = new_app()


@app.word("retry")
def retry(
    ids: Ids = None,
    kind: Kind = None,
    queue: Queue = None,
    tag: Tag = None,
    all_: All = False,
    limit: AtMost = None,
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Let tasks begin now that wait for a delay, or for their next try."""
    which = chosen(ids, {"kind": kind, "queue": queue, "tag": tag}, everything=all_)
    with Api(url) as api:
        if which:
            return treat(api, "/v1/tasks/retry", which, limit=limit, yes=yes, as_json=as_json)
        with connect(url) as client:
            return tell_each(client, ids or (), lambda id_: _retry(api, id_), as_json=as_json)


def _retry(api: Api, task_id: str) -> str:
    return f"is {api.change('POST', f'/v1/tasks/{part(task_id)}/retry')['state']}"
