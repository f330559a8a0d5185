"""How much is measured."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Effort:
    """Sizes of everything, for one round of one case."""

    seconds: float  #: That a worker is given no-ops for.
    submitted: int  #: Tasks to submit one by one, and again in batches.
    paced: int  #: Tasks to submit at 50 a second.
    paused: int  #: Tasks of 100 ms in ten slots.
    crowd: int  #: Tasks that wait at the same time on one event loop.
    depths: tuple[int, ...]  #: Tasks that wait behind those that are counted.
    delayed: int  #: Tasks that are due in an hour.
    weighed: int  #: Tasks whose memory in Redis is counted.


FULL: Final = Effort(8.0, 10_000, 500, 1_000, 5_000, (1_000, 100_000, 1_000_000), 100_000, 20_000)
QUICK: Final = Effort(1.5, 1_000, 100, 100, 500, (1_000, 20_000), 3_000, 2_000)
