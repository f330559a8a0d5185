"""How keys are told to a person at a terminal."""

from collections.abc import Sequence
from typing import Any, Final

from heavylift.access import ApiKey, KeyText
from heavylift.cli.fitting import Column
from heavylift.cli.plain import plain
from heavylift.cli.tables import Cell, Row, say_table
from heavylift.cli.terminal import say, say_json
from heavylift.cli.text import age, moment

_COLUMNS: Final = (
    Column("ID", whole=True),
    Column("NAME"),
    Column("SCOPES"),
    Column("TENANT", spare=1),
    Column("MADE", spare=3),
    Column("USED", spare=2),
    Column("STANDING"),
)


def say_keys(keys: Sequence[ApiKey], *, as_json: bool) -> None:
    """A line for each."""
    if as_json:
        say_json([_plain(key) for key in keys])
    elif keys:
        say_table(_COLUMNS, [_row(key) for key in keys])
    else:
        say("There are no keys.")


def say_key(key: ApiKey, *, as_json: bool) -> None:
    """One, without its secret."""
    if as_json:
        say_json(_plain(key))
    else:
        say_table(_COLUMNS, [_row(key)])


def say_new_key(key: ApiKey, text: KeyText, *, as_json: bool) -> None:
    """One with its secret, on a line of its own."""
    if as_json:
        say_json(_plain(key) | {"key": text.text})
    else:
        say(f"{text.text}\n\nThis is told once. The key {key.id} is good for: {' '.join(key.scopes)}.")


def _row(key: ApiKey) -> Row:
    return key.id, key.name, " ".join(key.scopes), key.tenant, age(key.created_at), age(key.used_at), _standing(key)


def _standing(key: ApiKey) -> Cell:
    if key.revoked_at is not None:
        return Cell(f"revoked {age(key.revoked_at)}", "red")
    return Cell("good", "green") if key.expires_at is None else Cell(f"until {moment(key.expires_at)}", "yellow")


def _plain(key: ApiKey) -> dict[str, Any]:
    """Without what is kept of secrets."""
    told: dict[str, Any] = plain(key)
    return {name: value for name, value in told.items() if "digest" not in name}
