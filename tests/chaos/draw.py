"""Which faults come when: drawn by a seed, so that a campaign can be carried out again."""

from collections.abc import Iterator, Sequence
from random import Random
from types import MappingProxyType
from typing import Final

from tests.chaos.campaign import Done
from tests.chaos.faults import ALONE, FAULTS, KILLS, WATCHED
from tests.chaos.history import Blow

#: How often kills come beside the other faults when they are counted: mostly, and now and then any other trouble among them.
_MOSTLY_KILLS: Final = MappingProxyType({"worker-kill": 40, "nursery-kill": 20, "child-kill": 60})


def endless(seed: int, *, only: Sequence[str], kills: bool, watched: bool) -> Iterator[str]:
    """Faults without end: those of ``only``, or of every kind that one server knows, or three that are ``watched``."""
    possible = [name for name in only or FAULTS if name not in (ALONE if watched else WATCHED)]
    weights = dict.fromkeys(possible, 1) | (_MOSTLY_KILLS if kills and not only else {})
    chance = Random(f"{seed} faults")
    while True:
        yield chance.choices(list(weights), weights=list(weights.values()))[0]


def kills_in(blows: Sequence[Blow]) -> int:
    """Kills that are proven to have hit, of whatever process of a worker."""
    return sum(blow.hit and blow.fault in KILLS for blow in blows)


def after(*, kills: int | None, seconds: float | None) -> Done:
    """Enough is whichever comes first of a number of kills and a number of seconds."""

    def done(blows: Sequence[Blow], passed: float) -> bool:
        return (kills is not None and kills_in(blows) >= kills) or (seconds is not None and passed >= seconds)

    return done
