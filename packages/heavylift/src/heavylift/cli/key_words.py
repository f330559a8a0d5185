"""How keys are told to a person at a terminal."""

from collections.abc import Sequence
from typing import Any

from heavylift.access import ApiKey, KeyText
from heavylift.cli.printing import age, as_json, moment, print_json, say, table

_HEADS = ("ID", "NAME", "SCOPES", "TENANT", "MADE", "USED", "STANDING")


def say_keys(keys: Sequence[ApiKey], *, as_json: bool) -> None:
    """A line for each."""
    if as_json:
        print_json([_plain(key) for key in keys])
    else:
        say(table(_HEADS, [_row(key) for key in keys]) if keys else "There are no keys.")


def say_key(key: ApiKey, *, as_json: bool) -> None:
    """One, without its secret."""
    if as_json:
        print_json(_plain(key))
    else:
        say(table(_HEADS, [_row(key)]))


def say_new_key(key: ApiKey, text: KeyText, *, as_json: bool) -> None:
    """One with its secret, on a line of its own."""
    if as_json:
        print_json(_plain(key) | {"key": text.text})
    else:
        say(f"{text.text}\n\nThis is told once. The key {key.id} is good for: {' '.join(key.scopes)}.")


def _row(key: ApiKey) -> tuple[str, ...]:
    return key.id, key.name, " ".join(key.scopes), key.tenant, age(key.created_at), age(key.used_at), _standing(key)


def _standing(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {age(key.revoked_at)}"
    return "good" if key.expires_at is None else f"until {moment(key.expires_at)}"


def _plain(key: ApiKey) -> dict[str, Any]:
    """Without what is kept of secrets."""
    plain: dict[str, Any] = as_json(key)
    return {name: value for name, value in plain.items() if "digest" not in name}
