"""``heavylift dlq``: what failed and why, and what is to be done about it."""

from itertools import islice
from typing import Annotated

import typer

from heavylift.cli.app import new_group
from heavylift.cli.choosing import All, Ids, LetterChoice, check_choice
from heavylift.cli.connection import Url, connect
from heavylift.cli.each import tell_each
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.options import AsJson, Limit, Yes, read_count, read_rate
from heavylift.cli.plain import plain
from heavylift.cli.shown import dead_letters as shown
from heavylift.cli.terminal import say_json
from heavylift.client.dead_letters import MOST
from heavylift.client.values import BulkOutcome

app = new_group("Dead letters: tasks that failed, until they are replayed or discarded.")

AtMost = Annotated[
    int | None, typer.Option(parser=read_count, metavar="NUMBER", help="How many at most, those that failed first.")
]
Rate = Annotated[
    float | None,
    typer.Option(parser=read_rate, metavar="NUMBER", help="How many begin per second; the others wait for their turn."),
]


@app.word()
def groups(
    choice: LetterChoice,
    limit: Limit = 20,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show what fails most: dead letters by kind, queue, reason and fault."""
    with connect(url) as client:
        found = client.dead_letters.groups(limit=limit, **choice.which)
    if as_json:
        say_json(plain(found.groups))
    else:
        shown.say_groups(found)


@app.word("list")
def list_(
    choice: LetterChoice,
    limit: Limit = 20,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show dead letters, the latest failure first; `heavylift get` shows one."""
    with connect(url) as client, client.dead_letters.list(**choice.which) as letters:
        found = list(islice(letters, limit + (not as_json)))
    if as_json:
        say_json(plain(found))
    else:
        shown.say_letters(found[:limit], more=len(found) > limit)


@app.word()
def replay(
    choice: LetterChoice,
    ids: Ids = None,
    all_: All = False,
    limit: AtMost = None,
    rate: Rate = None,
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Let dead letters begin anew: some by their ids, or all that fit a filter."""
    check_choice(ids, choice, everything=all_)
    with connect(url) as client:
        if ids:
            return tell_each(client, ids, lambda id_: f"replayed, and {client.task(id_).replay().state}", as_json=as_json)
        outcome = client.dead_letters.replay(all=all_, limit=limit or MOST, rate=rate, dry_run=not yes, **choice.which)
    return _tell(outcome, "replay", as_json=as_json)


@app.word()
def discard(
    choice: LetterChoice,
    ids: Ids = None,
    all_: All = False,
    limit: AtMost = None,
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode:
    """Delete dead letters for good: some by their ids, or all that fit a filter."""
    check_choice(ids, choice, everything=all_)
    with connect(url) as client:
        if ids:
            return tell_each(
                client, ids, lambda id_: f"discarded, a task of the kind {client.task(id_).discard().kind}", as_json=as_json
            )
        outcome = client.dead_letters.discard(all=all_, limit=limit or MOST, dry_run=not yes, **choice.which)
    return _tell(outcome, "discard", as_json=as_json)


def _tell(outcome: BulkOutcome, verb: str, *, as_json: bool) -> ExitCode:
    """Without --yes it was only looked: a filter may fit more than its author thinks."""
    if as_json:
        say_json(plain(outcome))
    else:
        shown.say_outcome(outcome, verb)
    return ExitCode.DONE
