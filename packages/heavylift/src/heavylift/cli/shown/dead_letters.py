"""How dead letters are told to a person at a terminal."""

from collections.abc import Sequence
from typing import Final

from heavylift.cli.fitting import Column
from heavylift.cli.shown.tasks import error_text, tries
from heavylift.cli.tables import say_table
from heavylift.cli.terminal import say
from heavylift.cli.text import age, counted, moment
from heavylift.client.values import BulkOutcome, DeadGroups, TaskSummary

_LETTERS: Final = (
    Column("ID", whole=True),
    Column("KIND"),
    Column("QUEUE", spare=3),
    Column("REASON", spare=1),
    Column("FAILED", spare=2),
    Column("TRIES", spare=4),
    Column("ERROR"),
)
_GROUPS: Final = (
    Column("COUNT", whole=True),
    Column("KIND"),
    Column("QUEUE", spare=4),
    Column("REASON", spare=1),
    Column("FINGERPRINT", whole=True),
    Column("FIRST", spare=3),
    Column("LAST", spare=2),
    Column("LAST ERROR"),
)


def say_letters(letters: Sequence[TaskSummary], *, more: bool) -> None:
    """A line for each."""
    if not letters:
        say("No dead letters fit.")
        return
    rows = [
        (task.id, task.kind, task.queue, task.reason or "", age(task.ended_at), tries(task), error_text(task.error))
        for task in letters
    ]
    say_table(_LETTERS, rows)
    if more:
        say("There are more: raise --limit, or narrow the filter.")


def say_groups(found: DeadGroups) -> None:
    """A line for each group."""
    if not found.groups:
        say("No dead letters fit.")
        return
    rows = [
        (
            str(group.count),
            group.kind,
            group.queue,
            group.reason,
            group.fingerprint,
            age(group.first_at),
            age(group.last_at),
            ": ".join(part for part in (group.error_type, group.message) if part),
        )
        for group in found.groups
    ]
    say_table(_GROUPS, rows)
    if found.more:
        say("There are more groups: raise --limit, or narrow the filter.")


def say_outcome(outcome: BulkOutcome, verb: str) -> None:
    """What was done, or what would be."""
    fit = f"{counted(outcome.matched, 'dead letter')} {'fits' if outcome.matched == 1 else 'fit'}"
    fit += ", and there may be more" if outcome.more else ""
    if not outcome.dry_run:
        past = {"replay": "replayed", "discard": "discarded"}[verb]
        until = f"; the last begins at {moment(outcome.last_due)}" if outcome.last_due else ""
        say(f"{fit}; {outcome.changed} {past}{until}.")
        return
    say(f"{fit}." + ("" if not outcome.sample else "\n  ".join([" Such as:", *outcome.sample])))
    if outcome.matched:
        say(f"Nothing was done. Say --yes to {verb} {'it' if outcome.matched == 1 else 'them'}.")
