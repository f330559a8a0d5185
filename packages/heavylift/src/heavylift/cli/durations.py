"""Times as people say them: 90s, 30m, 12h, 7d."""

import re
from typing import Final

import typer

_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def read_duration(text: str) -> float:
    """The seconds. Raises typer.BadParameter, which names the form."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no time: say 90s, 30m, 12h, 7d")
    return int(found[1]) * _UNITS[found[2]]
