"""Which faults come when: drawn by a seed, so that a campaign can be carried out again."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Final

from tests.chaos.campaign import Done
from tests.chaos.faults import FAULTS, KILLS
from tests.chaos.history import Blow

#: How often each fault comes beside the others when all are to come.
_EVENLY: Final = MappingProxyType(dict.fromkeys(FAULTS, 1))

#: The same when kills are counted: mostly kills, and now and then any other trouble among them.
_MOSTLY_KILLS: Final = MappingProxyType(_EVENLY | {"worker-kill": 40, "nursery-kill": 20, "child-kill": 60})


def endless(seed: int, *, only: Sequence[str], kills: bool) -> Iterator[str]:
    """Faults without end: those of ``only``, or of every kind."""
    weights: Mapping[str, int] = dict.fromkeys(only, 1) if only else _MOSTLY_KILLS if kills else _EVENLY
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
