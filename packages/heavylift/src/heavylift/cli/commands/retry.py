"""``heavylift retry``: tasks that wait for their time begin now."""

from heavylift.cli.app import new_app
from heavylift.cli.choosing import All, Ids, TaskChoice, check_choice
from heavylift.cli.connection import Url, connect
from heavylift.cli.each import tell_each
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.in_bulk import AtMost, tell_outcome
from heavylift.cli.options import AsJson, Yes
from heavylift.client.surface import MOST

app = new_app()


@app.word("retry")
def retry(
    choice: TaskChoice,
    ids: Ids = None,
    all_: All = False,
    limit: AtMost = None,
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Let tasks begin now that wait for a delay, or for their next try."""
    check_choice(ids, choice, everything=all_)
    with connect(url) as client:
        if ids:
            return tell_each(client, ids, lambda id_: f"is {client.task(id_).retry().state}", as_json=as_json)
        outcome = client.retry_many(all=all_, limit=limit or MOST, dry_run=not yes, **choice.which)
    return tell_outcome(outcome, as_json=as_json)
