"""The same done to all tasks that fit a filter and have not ended. Without --yes it is only looked: a filter may fit more than
its author thinks."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from heavylift.cli.api import Api
from heavylift.cli.completing import kinds, queues
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.options import read_count
from heavylift.cli.terminal import say, say_json
from heavylift.cli.text import counted, one_line
from heavylift.errors import ConfigurationInvalid

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Tasks by their ids; without any, a filter says which.")]
Kind = Annotated[str | None, typer.Option(metavar="NAME", help="All of this kind.", autocompletion=kinds)]
Queue = Annotated[str | None, typer.Option(metavar="NAME", help="All of this queue.", autocompletion=queues)]
Tag = Annotated[str | None, typer.Option(metavar="TEXT", help="All with this tag.")]
All = Annotated[bool, typer.Option("--all", help="All, where no filter is given.")]
AtMost = Annotated[int | None, typer.Option(parser=read_count, metavar="NUMBER", help="How many at most, the newest.")]


def chosen(ids: Sequence[str] | None, which: Mapping[str, str | None], *, everything: bool) -> dict[str, Any]:
    """The filter, empty where tasks are named by their ids. Raises ConfigurationInvalid unless it is said in one way."""
    given = {name: value for name, value in which.items() if value is not None}
    if bool(ids) + bool(given) + everything != 1:
        raise ConfigurationInvalid(
            f"say which, in one way: by their ids; by {', '.join(f'--{name}' for name in which)}; or --all"
        )
    return given | ({"all": True} if everything else {})


def treat(api: Api, path: str, which: Mapping[str, Any], *, limit: int | None, yes: bool, as_json: bool) -> ExitCode:
    """Ask the API to do it, or what it would do, and say what came of it."""
    terms = {"dry_run": not yes} | ({} if limit is None else {"limit": limit})
    outcome = api.change("POST", path, {**which, **terms})
    if as_json:
        say_json(outcome)
    else:
        _tell(outcome)
    return ExitCode.DONE


def _tell(outcome: Mapping[str, Any]) -> None:
    fit = f"{counted(outcome['matched'], 'task')} {'fits' if outcome['matched'] == 1 else 'fit'}"
    fit += ", and there may be more" if outcome["more"] else ""
    if not outcome["dry_run"]:
        now = ", ".join(f"{number} {state}" for state, number in outcome["states"].items() if number)
        say(one_line(f"{fit}; {outcome['changed']} changed{f': {now}' if now else ''}."))
        return
    say("\n  ".join([f"{fit}.{' Such as:' if outcome['sample'] else ''}", *map(one_line, outcome["sample"])]))
    if outcome["matched"]:
        say("Nothing was done. Say --yes to do it.")
