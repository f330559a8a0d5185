"""How the audit log is told to a person at a terminal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from heavylift.cli.fitting import Column
from heavylift.cli.tables import Cell, Row, say_table
from heavylift.cli.terminal import say
from heavylift.cli.text import age

_COLUMNS: Final = (
    Column("WHEN", whole=True),
    Column("WHO"),
    Column("DID", whole=True),
    Column("TO"),
    Column("OUTCOME"),
)


def say_entries(entries: Sequence[dict[str, Any]]) -> None:
    """A line for each."""
    if entries:
        say_table(_COLUMNS, [_row(entry) for entry in entries])
    else:
        say("Nothing that fits was done.")


def _row(entry: dict[str, Any]) -> Row:
    who = entry["name"] or entry["key"] or f"somebody ({entry['door']})"
    return age(datetime.fromisoformat(entry["at"])), who, entry["action"], entry["target"], _outcome(entry)


def _outcome(entry: dict[str, Any]) -> Cell:
    changed = "" if entry["changed"] is None else f", {entry['changed']} changed"
    if entry["outcome"] is None:
        return Cell("begun", "yellow")
    return Cell(f"{entry['outcome']}{changed}", "green" if entry["outcome"] == "done" else "red")
