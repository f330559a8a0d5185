"""``heavylift kinds``: what can be submitted."""

from typing import Annotated

import typer

from heavylift.cli.app import new_app
from heavylift.cli.connection import Url, connect
from heavylift.cli.options import AsJson
from heavylift.cli.plain import plain
from heavylift.cli.shown.kinds import say_kind, say_kinds
from heavylift.cli.terminal import say_json

app = new_app()


@app.word("kinds")
def kinds(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="All of one, with what its payload is like.")] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show the kinds of task that workers can run."""
    with connect(url) as client:
        found = client.catalogue() if name is None else (client.kind(name),)
    if as_json:
        say_json(plain(found if name is None else found[0]))
    elif name is None:
        say_kinds(found)
    else:
        say_kind(found[0])
