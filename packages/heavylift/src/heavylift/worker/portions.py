"""What a child asks for next: which streams it reads in which order, and how much it takes of each. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from heavylift.record import Delivery
from heavylift.store.calls import Source
from heavylift.worker.attempt import Attempt
from heavylift.worker.pace import Pace
from heavylift.worker.turns import Turns


class Portions:
    """Sizes the claims of one child and keeps the turns of its queues.

    A turn is a moment's work of a lane: as many of its tasks as start within it by what they took lately (``pace``), or one that
    takes longer. With ``in_time`` a claim is one turn; without, it takes as many tasks as there is room for, and each lane pays
    for its own. So weights are shares of time as far as tasks are short, and shares of tasks where they are long.
    """

    def __init__(self, turns: Turns, *, in_time: bool) -> None:
        self._turns = turns
        self._in_time = in_time
        self._paces: defaultdict[str, Pace] = defaultdict(Pace)

    def ask(self, room: int) -> tuple[Source, ...]:
        """What to claim from, with room for this many tasks."""
        return tuple(Source(stream, self._batch(stream, room)) for stream in self._turns.order())

    def order(self) -> list[str]:
        """The streams to wait on."""
        return self._turns.order()

    def get(self, deliveries: Sequence[Delivery], asked: Sequence[Source], room: int) -> None:
        """Hear what came of it."""
        numbers = Counter(delivery.stream for delivery in deliveries)
        filled = sum(numbers[source.stream] / source.batch for source in asked)
        if len(deliveries) < room and filled < 1 - 1e-6:
            self._turns.start_anew()
        else:
            self._turns.pay({stream: number / self._paces[stream].batch for stream, number in numbers.items()})

    def learn(self, attempts: Iterable[Attempt]) -> None:
        """Hear how long tasks took."""
        seconds: defaultdict[str, list[float]] = defaultdict(list)
        for attempt in attempts:
            seconds[attempt.delivery.stream].append(attempt.duration)
        for stream, durations in seconds.items():
            self._paces[stream].learn(len(durations), sum(durations))

    def _batch(self, stream: str, room: int) -> int:
        return min(room, self._paces[stream].batch) if self._in_time else room
