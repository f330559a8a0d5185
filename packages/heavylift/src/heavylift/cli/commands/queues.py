"""``heavylift queues``: what waits where; queues that give out nothing for a while, take in only so much, or are emptied."""

from typing import Annotated

import typer

from heavylift.cli.api import Api, part
from heavylift.cli.app import new_group
from heavylift.cli.completing import queues
from heavylift.cli.confirming import confirmed
from heavylift.cli.connection import Url, connect
from heavylift.cli.options import AsJson, read_count, read_duration
from heavylift.cli.plain import plain
from heavylift.cli.shown.queues import purge_question, say_limited, say_paused, say_purged, say_queues, say_resumed
from heavylift.cli.terminal import say_json

app = new_group("Queues: what waits where, and since when; pause, limit and empty them.")

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


@app.word()
def limit(
    name: Name,
    length: Annotated[str, typer.Argument(metavar="LENGTH", help="Tasks that may wait; 0: none; `default`: as in any queue.")],
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Say how many tasks may wait in a queue; submissions beyond that are told to come again later."""
    asked = {"length": _read_length(length)}
    with Api(url) as api:
        queue = api.change("PUT", f"/v1/queues/{part(name)}/limit", asked, repeatable=True)
    if as_json:
        say_json(queue)
    else:
        say_limited(queue)


@app.word()
def purge(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without a question; else the name is to be typed.")] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Call off all that waits in a queue; what runs goes on, and what comes later stays."""
    with connect(url) as client:
        outcome = client.queues.purge(name)
        if outcome.waiting and (yes or confirmed(name, purge_question(outcome))):
            outcome = client.queues.purge(name, outcome.token)
    if as_json:
        say_json(plain(outcome))
    else:
        say_purged(outcome)


def _read_length(text: str) -> int | None:
    if text == "default":
        return None
    try:
        return 0 if text == "0" else read_count(text)
    except typer.BadParameter as error:
        raise typer.BadParameter(f"{error}, 0 or `default`", param_hint="LENGTH") from None
