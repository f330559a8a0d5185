"""How long tasks run, by kind."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from heavylift.store.calls import Line, Runs

HALF_LIFE: Final = 300.0  # seconds after which an observation counts half: a new release shows within minutes
ENOUGH: Final = 30.0  # attempts that are remembered however old they are, so that a rare kind has a mean at all
GUESS: Final = 1.0  # seconds, for a queue in which nothing has ever ended

Place = tuple[str, str, str]  #: Queue, kind of child, kind of task.


@dataclass(slots=True)
class _Kind:
    """What is known of one: all that was told, what of it is remembered for the mean, and how many there were lately."""

    told: Runs
    attempts: float = 0.0
    seconds: float = 0.0
    lately: float = 0.0

    @property
    def mean(self) -> float:
        return self.seconds / self.attempts if self.attempts else GUESS

    def age(self, by: float) -> None:
        self._keep(max(0.5 ** (by / HALF_LIFE), min(1.0, ENOUGH / self.attempts) if self.attempts else 1.0))
        self.lately *= 0.5 ** (by / HALF_LIFE)

    def begin(self) -> None:
        self.attempts, self.seconds = float(self.told.attempts), self.told.seconds
        self.lately = min(self.attempts, ENOUGH)
        self._keep(min(1.0, ENOUGH / self.attempts) if self.attempts else 1.0)

    def hear(self, told: Runs) -> None:
        more, seconds = told.attempts - self.told.attempts, told.seconds - self.told.seconds
        self.told = told
        if more > 0:
            self.attempts, self.seconds, self.lately = self.attempts + more, self.seconds + max(0.0, seconds), self.lately + more

    def _keep(self, share: float) -> None:
        self.attempts, self.seconds = self.attempts * share, self.seconds * share


class RunTimes:
    """Means that follow what is told. At first they are those of all that ever ran, so a new leader need not learn anew."""

    def __init__(self) -> None:
        self._kinds: dict[Place, _Kind] = {}

    def learn(self, runs: Iterable[Runs], elapsed: float) -> None:
        """Hear the totals, ``elapsed`` seconds after the last time."""
        for known in self._kinds.values():
            known.age(elapsed)
        for r in runs:
            place = (r.queue, r.executor, r.kind)
            if place in self._kinds:
                self._kinds[place].hear(r)
            else:
                self._kinds[place] = _Kind(r)
                self._kinds[place].begin()

    def of_kind(self, place: Place) -> float:
        """Seconds of a run of this kind, or of its line when it never ran."""
        known = self._kinds.get(place)
        return known.mean if known is not None and known.attempts else self._usual(*place[:2])

    def of_line(self, line: Line) -> float:
        """Seconds of a run in this line, by what ran there lately."""
        return self._usual(line.queue, line.executor)

    def of_waiting(self, line: Line, least: float) -> float:
        """Seconds of a run of what waits in a line, by a sample of its kinds. One that never ran takes ``least`` at least."""
        total = sum(line.kinds.values())
        usual = max(least, self.of_line(line))
        if total <= 0:
            return usual
        known = ((share, self._kinds.get((line.queue, line.executor, kind))) for kind, share in line.kinds.items())
        return sum(share * (kind.mean if kind is not None and kind.attempts else usual) for share, kind in known) / total

    def knows(self, line: Line) -> bool:
        """Whether anything has ever ended in this line."""
        return any(kind.told.attempts for kind in self._of(line.queue, line.executor))

    def certain(self, line: Line) -> float:
        """The part of ``of_line`` that can be relied on.

        Run times vary about as much as they are long, so the mean of ``n`` of them is known to one part in ``√n``.
        """
        told = sum(kind.told.attempts for kind in self._of(line.queue, line.executor))
        return 1 - 1 / math.sqrt(told) if told else 0.0

    def _usual(self, queue: str, executor: str) -> float:
        known = self._of(queue, executor)
        lately = sum(kind.lately for kind in known)
        return sum(kind.lately * kind.mean for kind in known) / lately if lately else GUESS

    def _of(self, queue: str, executor: str) -> list[_Kind]:
        return [kind for place, kind in self._kinds.items() if place[:2] == (queue, executor)]
