"""``heavylift queues``: what waits where, and queues that give out nothing for a while."""

from typing import Annotated

import typer

from heavylift.cli.api import Api, part
from heavylift.cli.app import new_group
from heavylift.cli.completing import queues
from heavylift.cli.connection import Url
from heavylift.cli.options import AsJson, read_duration
from heavylift.cli.shown.queues import say_paused, say_queues, say_resumed
from heavylift.cli.terminal import say_json

app = new_group("Queues: what waits where, and since when; pause and resume them.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The queue.", autocompletion=queues)]


@app.word("list")
def list_(as_json: AsJson = False, url: Url = None) -> None:
    """Show all queues, with what waits in each."""
    with Api(url) as api:
        found = list(api.pages("/v1/queues", "queues"))
    if as_json:
        say_json(found)
    else:
        say_queues(found)


@app.word()
def pause(
    name: Name,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="What people are told who ask why their tasks wait.")] = "",
    expires_in: Annotated[
        float | None,
        typer.Option("--for", parser=read_duration, metavar="TIME", help="After this it ends by itself; else with `resume`."),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Let a queue give out nothing; what runs goes on, and what comes in waits."""
    asked = {"reason": reason} | ({} if expires_in is None else {"expires_in": expires_in})
    with Api(url) as api:
        queue = api.change("POST", f"/v1/queues/{part(name)}/pause", asked)
    if as_json:
        say_json(queue)
    else:
        say_paused(queue)


@app.word()
def resume(name: Name, as_json: AsJson = False, url: Url = None) -> None:
    """Let a queue give out what it has, again."""
    with Api(url) as api:
        queue = api.change("POST", f"/v1/queues/{part(name)}/resume", repeatable=True)
    if as_json:
        say_json(queue)
    else:
        say_resumed(queue)
