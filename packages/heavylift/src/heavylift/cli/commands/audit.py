"""``heavylift audit``: what operators did."""

from itertools import islice
from typing import Annotated

import typer

from heavylift.cli.api import Api
from heavylift.cli.app import new_app
from heavylift.cli.connection import Url
from heavylift.cli.options import AsJson, Limit
from heavylift.cli.shown.audit import say_entries
from heavylift.cli.terminal import say_json

app = new_app()


@app.word("audit")
def audit(
    action: Annotated[str | None, typer.Option(metavar="NAME", help="Only this, such as task.cancel or key.revoke.")] = None,
    key: Annotated[str | None, typer.Option(metavar="ID", help="Only what was done with this key.")] = None,
    target: Annotated[str | None, typer.Option(metavar="TEXT", help="Only what was done to this: an id, a queue.")] = None,
    tenant: Annotated[str | None, typer.Option(metavar="NAME", help="Only what keys of this tenant did.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show what operators did, the latest first."""
    with Api(url) as api:
        entries = api.pages("/v1/audit", "entries", action=action, key=key, target=target, tenant=tenant)
        found = list(islice(entries, limit))
    if as_json:
        say_json(found)
    else:
        say_entries(found)
