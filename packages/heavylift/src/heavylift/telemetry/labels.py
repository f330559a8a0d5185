"""Label values whose number is bounded, however many different ones arrive."""

from collections.abc import Callable
from typing import Final

#: The first of each label that are told apart. An installation has tens of kinds; a caller who invents names must not be able
#: to fill the memory of Prometheus.
LIMIT: Final = 200


class Bounded:
    """Keeps the first ``limit`` distinct values and turns the rest into ``other``; ``folded`` hears of each that was turned."""

    def __init__(self, other: str, folded: Callable[[], None], limit: int = LIMIT) -> None:
        self._other = other
        self._folded = folded
        self._limit = limit
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        """``value``, or the word for all others."""
        if value in self._known:
            return value
        if len(self._known) < self._limit:
            self._known.add(value)
            return value
        self._folded()
        return self._other
