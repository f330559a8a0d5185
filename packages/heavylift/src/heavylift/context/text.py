"""Values as the JSON text that a record keeps, and not more of it than belongs there."""

import json
from typing import Any, Final

from heavylift.errors import CheckpointInvalid, HeavyliftError, ResultInvalid

LARGEST: Final = 64 * 1024  # bytes of JSON: a record is read at every claim; what is larger belongs into a file or a bucket
LONGEST_NAME: Final = 200  # characters in the name of an effect


def checkpoint_text(value: Any) -> str:
    """The text of a checkpoint. Raises CheckpointInvalid."""
    return _text(value, "the checkpoint", CheckpointInvalid)


def effect_text(name: str, value: Any) -> str:
    """The text of what an effect returned. Raises ResultInvalid."""
    return _text(value, f"what the effect {name!r} returned", ResultInvalid)


def checked_name(name: str) -> str:
    """The name of an effect. Raises ValueError."""
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(f"the name of an effect has 1 to {LONGEST_NAME} characters, not {len(name)}")
    return name


def _text(value: Any, what: str, error: type[HeavyliftError]) -> str:
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as fault:
        raise error(f"{what} cannot be written as JSON: {fault}") from fault
    size = len(text)  # json.dumps writes ASCII
    if size > LARGEST:
        raise error(f"{what} has {size:,} bytes of JSON; {LARGEST:,} are allowed: keep it elsewhere and its address here")
    return text
