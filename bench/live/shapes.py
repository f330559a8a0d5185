"""What comes in, second by second, and what a scaler would need that knew all of it beforehand. Pure."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bench.live.contenders import SLOTS, WAIT
from bench.scaling.load import Work, coming

SECONDS: Final = (1.0, 2.0)  #: A task runs for something between.
MEAN: Final = sum(SECONDS) / 2
LONG: Final = 90.0  #: Seconds of a long one: longer than a pod has to stop.
UTILISATION: Final = 0.8  #: Of the slots: some room has to be for what comes by chance.


@dataclass(frozen=True, slots=True)
class Shape:
    """``rate`` is in tasks a second, at a second; ``bursts`` are moments at which so many come at once, ``long`` those at which
    one comes that runs for 90 s."""

    name: str
    text: str
    length: float
    rate: Callable[[float], float]
    bursts: tuple[tuple[float, int], ...] = ()
    long: tuple[float, ...] = ()

    def tasks(self, seed: int) -> list[Work]:
        """What comes, in the order of time."""
        draw = random.Random(f"{self.name} {seed}")
        steady = coming(draw, self.rate, self.length, lambda: draw.uniform(*SECONDS))
        at_once = [Work(at, draw.uniform(*SECONDS)) for at, number in self.bursts for _ in range(number)]
        long = [Work(at, LONG, "long") for at in self.long]
        return sorted((*steady, *at_once, *long), key=lambda work: work.at)

    def ideal(self, startup: float) -> float:
        """Pod-seconds of a scaler that knows the load: at each second whole pods with 80 % of their slots busy, each ordered its
        ``startup`` before; for what comes at once so many that the last starts when it was promised, while there is work."""
        pods = [math.ceil(self._busy(second + 0.5) / SLOTS / UTILISATION) for second in range(int(self.length))]
        started = sum(max(0, after - before) for before, after in pairwise([0, *pods]))
        return sum(pods) + started * startup + sum(_for_burst(number, startup) for _, number in self.bursts)

    def _busy(self, at: float) -> float:
        """Slots that are busy when everything starts as it comes."""
        return self.rate(at) * MEAN + sum(began <= at < began + LONG for began in self.long)


def _for_burst(number: int, startup: float) -> float:
    return number * MEAN / SLOTS + math.ceil(number * MEAN / SLOTS / WAIT) * startup


def _nothing(_: float) -> float:
    return 0.0


def _step(at: float) -> float:
    return 4.0 if 60 <= at < 420 else 0.5


def _wave(at: float) -> float:
    return 1.65 - 1.35 * math.cos(2 * math.pi * at / 300)


STEADY: Final = Shape("steady", "2 tasks a second for six minutes", 360, lambda _: 2.0)
STEP: Final = Shape("step", "half a task a second for a minute, 4 for six minutes, and half a one for three", 600, _step)
BURST: Final = Shape("burst", "100 tasks at one moment, and nothing else for five minutes", 300, _nothing, ((5.0, 100),))
WAVE: Final = Shape(
    "wave",
    "two waves of five minutes, from 0.3 to 3 tasks a second, and each minute one of 90 s",
    600,
    _wave,
    long=tuple(30.0 + 60 * i for i in range(8)),
)

ALL: Final = (STEP, WAVE, STEADY, BURST)
