"""When a schedule comes: the arithmetic of cron expressions, time zones and intervals. Whoever asks says what time it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from heavylift.catalogue import near_names
from heavylift.errors import HeavyliftError

SHORTEST_EVERY: Final = 1.0  #: Seconds between two times of an interval, at least.
LONGEST_EVERY: Final = 366 * 86_400.0

_LONGEST_CRON: Final = 200  # characters
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NICKNAMES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * SUN",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FORM: Final = (
    'is five fields (minute, hour, day of the month, month, day of the week), such as "0 9 * * MON-FRI" for 9:00 on workdays'
)


class TimingInvalid(HeavyliftError):
    """A schedule says in no way that can be understood when it is to come. ``field`` is what is wrong of it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.field = field
        self.fault = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Either a ``cron`` expression, read in an IANA ``timezone``, or an interval: ``every`` so many seconds.

    An interval is counted from ``start``, or else from the beginning of 1970 in UTC, so ``every`` 3600 s is on the hour and stays
    so whatever is changed. Nothing comes before ``start`` nor after ``end``. Raises TimingInvalid.
    """

    cron: str | None = None
    every: float | None = None
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if (self.cron is None) == (self.every is None):
            raise TimingInvalid("cron", 'or "every" is given, one of the two, such as "cron": "0 9 * * MON-FRI" or "every": 60')
        zone_of(self.timezone)
        if self.cron is not None:
            _check_cron(self.cron)
        if self.every is not None and not SHORTEST_EVERY <= self.every <= LONGEST_EVERY:
            raise TimingInvalid("every", f"is a number of seconds from {SHORTEST_EVERY:g} to {LONGEST_EVERY:.0f}, such as 60")
        for field in ("start", "end"):
            _check_year(field, getattr(self, field))
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise TimingInvalid("end", "is not after start, so the schedule would never come")

    def after(self, moment: datetime) -> datetime | None:
        """The first time after ``moment``, in UTC; None when there is none any more."""
        return next(self.times_after(moment), None)

    def times_after(self, moment: datetime) -> Iterator[datetime]:
        """All times after ``moment``, in UTC, one after the other."""
        if self.start is not None:
            moment = max(moment, _whole(self.start) - timedelta(microseconds=1))
        for time in self._cron_after(moment) if self.cron is not None else self._intervals_after(moment):
            if self.end is not None and time > self.end:
                return
            yield time

    def _intervals_after(self, moment: datetime) -> Iterator[datetime]:
        assert self.every is not None  # noqa: S101  one of the two is there
        begin, every = _whole(self.start or _EPOCH), timedelta(milliseconds=round(self.every * 1000))
        number = (moment - begin) // every + 1
        while True:
            yield (begin + number * every).astimezone(UTC)
            number += 1

    def _cron_after(self, moment: datetime) -> Iterator[datetime]:
        assert self.cron is not None  # noqa: S101
        for local in CronSim(_expression(self.cron), moment.astimezone(zone_of(self.timezone))):
            time = local.astimezone(UTC)
            if time > moment:  # in an hour that comes twice it begins with the first one
                moment = time
                yield time


def _whole(moment: datetime) -> datetime:
    """To the millisecond, the unit of every time in the store."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name. Raises TimingInvalid."""
    if name not in _zones():  # what ZoneInfo takes besides, such as "localtime", means something else on each machine
        meant = f", did you mean {near[0]}?" if (near := near_names(name[:64], _zones(), 1)) else ""
        raise TimingInvalid("timezone", f'is the name of a time zone, such as "Europe/Berlin"; {name[:64]!r} is none{meant}')
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _expression(cron: str) -> str:
    return _NICKNAMES.get(cron.strip().lower(), cron)


def _check_year(field: str, moment: datetime | None) -> None:
    if moment is not None and not _FIRST_YEAR < moment.year < _LAST_YEAR:
        raise TimingInvalid(field, f"is a time between {_FIRST_YEAR} and {_LAST_YEAR}, such as 2026-01-31T12:00:00Z")


@lru_cache(4096)  # each schedule that is read is checked again
def _check_cron(cron: str) -> None:
    expression = _expression(cron)
    if len(cron) > _LONGEST_CRON or len(expression.split()) != 5:
        raise TimingInvalid("cron", _FORM)
    try:
        comes = next(CronSim(expression, _EPOCH), None)
    except CronSimError as error:
        raise TimingInvalid("cron", f"{_FORM}; of {cron!r} the {_part(error)} is wrong") from None
    if comes is None:
        raise TimingInvalid("cron", f"{_FORM}; {cron!r} never comes")


def _part(error: CronSimError) -> str:
    return str(error).removeprefix("Bad ").replace("-", " ")
