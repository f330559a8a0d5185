"""The same done to all tasks that fit a filter and have not ended. Without --yes it is only looked: a filter may fit more than
its author thinks."""

from typing import Annotated

import typer

from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.options import read_count
from heavylift.cli.plain import plain
from heavylift.cli.terminal import say, say_json
from heavylift.cli.text import counted, one_line
from heavylift.client.values import LiveOutcome

AtMost = Annotated[int | None, typer.Option(parser=read_count, metavar="NUMBER", help="How many at most, the newest.")]


def tell_outcome(outcome: LiveOutcome, *, as_json: bool) -> ExitCode:
    """Say what came of it, or would."""
    if as_json:
        say_json(plain(outcome))
    else:
        _tell(outcome)
    return ExitCode.DONE


def _tell(outcome: LiveOutcome) -> None:
    fit = f"{counted(outcome.matched, 'task')} {'fits' if outcome.matched == 1 else 'fit'}"
    fit += ", and there may be more" if outcome.more else ""
    if not outcome.dry_run:
        now = ", ".join(f"{number} {state}" for state, number in outcome.states.items() if number)
        say(one_line(f"{fit}; {outcome.changed} changed{f': {now}' if now else ''}."))
        return
    say("\n  ".join([f"{fit}.{' Such as:' if outcome.sample else ''}", *map(one_line, outcome.sample)]))
    if outcome.matched:
        say("Nothing was done. Say --yes to do it.")
