"""What a task is to work on, as it is written at a terminal: JSON, a file of it, standard input, or name=value."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from heavylift.errors import ConfigurationInvalid


def read_payload(text: str | None, fields: Sequence[str]) -> Any:
    """The payload; None where nothing is given. Raises ConfigurationInvalid, which names what cannot be read."""
    if text is not None and fields:
        raise ConfigurationInvalid("the payload is given, and fields of it, too: keep one of the two")
    return dict(_field(field) for field in fields) if fields else None if text is None else _value(text)


def _field(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise ConfigurationInvalid(f"--field {text!r} is no name=value")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # a word needs no quotes


def _value(text: str) -> Any:
    source, content = _content(text)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConfigurationInvalid(
            f'{source} is no JSON: {error}; write \'{{"name": "value"}}\', or --field name=value, or @file, or -'
        ) from None


def _content(text: str) -> tuple[str, str]:
    if text == "-":
        return "standard input", sys.stdin.read()
    return (text[1:], read_file(text[1:])) if text.startswith("@") else ("the payload", text)


def read_file(path: str) -> str:
    """The text of a file. Raises ConfigurationInvalid."""
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None
