"""What is to be fired now: the times that have come, by what the schedule says of those that were missed."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from heavylift.schedule.schedule import Missed, Schedule

LATE: Final = 60.0  #: Seconds after which a time is not late any more but missed.
MOST_AT_ONCE: Final = 100  #: Times that ``Missed.ALL`` makes up for, the last ones.

_LOOKED_AT: Final = 10_000  # times; of a longer silence what came before is not even counted


@dataclass(frozen=True, slots=True)
class Plan:
    """``dues`` are the times to fire for, in their order; ``missed`` is how many there were besides.

    ``following`` is the next time, None where there is none any more; ``apart`` is how many seconds there are between that and
    the one after it, 0 where there is none.
    """

    dues: tuple[datetime, ...]
    missed: int
    following: datetime | None
    apart: float


def plan_of(schedule: Schedule, due: datetime, now: datetime) -> Plan:
    """What a schedule that was due at ``due`` is to do at ``now``, which is not before that."""
    came, number = _times_that_came(schedule, due, now)
    chosen = _chosen(schedule.missed, came, now)
    following, apart = outlook(schedule, now)
    return Plan(chosen, number - len(chosen), following, apart)


def outlook(schedule: Schedule, now: datetime) -> tuple[datetime | None, float]:
    """The next time after ``now`` and the seconds from that to the one after it."""
    times = schedule.timing.times_after(now)
    first, second = next(times, None), next(times, None)
    apart = (second - first).total_seconds() if first is not None and second is not None else 0.0
    return first, apart


def _times_that_came(schedule: Schedule, due: datetime, now: datetime) -> tuple[list[datetime], int]:
    """The last times from ``due`` to ``now``, as many as may be fired at once, and how many there were."""
    shortest = timedelta(seconds=schedule.timing.every or 60.0)
    begin = max(due, now - _LOOKED_AT * shortest) - timedelta(microseconds=1)
    last, number = deque[datetime](maxlen=MOST_AT_ONCE), 0
    for time in takewhile(lambda time: time <= now, schedule.timing.times_after(begin)):
        last.append(time)
        number += 1
    return list(last), number


def _chosen(missed: Missed, came: list[datetime], now: datetime) -> tuple[datetime, ...]:
    match missed:
        case Missed.ALL:
            return tuple(came)
        case Missed.ONE:
            return tuple(came[-1:])
        case Missed.SKIP:
            return tuple(time for time in came[-1:] if time >= now - timedelta(seconds=LATE))
