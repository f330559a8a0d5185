"""Options that several words have, and how what is given to them is read."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from heavylift.store.by_filter import SLOWEST

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_duration(text: str) -> float:
    """Seconds, of a time as people say it: 90s, 30m, 12h, 7d."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no time: say 90s, 30m, 12h, 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])}).total_seconds()


def read_moment(text: str) -> datetime:
    """A time in the past that is said as so long ago, or any as it is written in ISO 8601."""
    if re.fullmatch(r"\d{1,6}[smhd]", text):
        return datetime.now(UTC) - timedelta(seconds=read_duration(text))
    try:
        return read_time(text)
    except typer.BadParameter as error:
        raise typer.BadParameter(str(error).replace("write it as", "say 90s, 30m, 2h, 7d ago, or")) from None


def read_time(text: str) -> datetime:
    """A time as it is written in ISO 8601, with its offset from UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time: write it as 2026-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} says no offset from UTC, as in 2026-01-31T12:00:00Z")
    return moment


def read_count(text: str) -> int:
    """A whole number above 0."""
    if not str(text).isdecimal() or not int(text):
        raise typer.BadParameter(f"{text!r} is no whole number above 0")
    return int(text)


def read_rate(text: str) -> float:
    """How many per second."""
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not SLOWEST <= rate <= 100_000:
        raise typer.BadParameter(f"{text!r} is no rate: say how many per second, {SLOWEST:g} or more")
    return rate


AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it; otherwise it is only said what would be done.")]
Since = Annotated[datetime | None, typer.Option(parser=read_moment, metavar="TIME", help="Only since then: 2h ago, or a time.")]
Until = Annotated[datetime | None, typer.Option(parser=read_moment, metavar="TIME", help="Only before then.")]
Limit = Annotated[int, typer.Option(parser=read_count, metavar="NUMBER", help="How many at most.")]
Timeout = Annotated[
    float | None,
    typer.Option(parser=read_duration, metavar="TIME", help="How long to wait at most: 90s, 2h. What goes on goes on."),
]
