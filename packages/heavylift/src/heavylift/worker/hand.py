"""What a child that runs one task at a time has in hand: the one that runs, those that wait behind it, those that ended."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from heavylift.record import Delivery
from heavylift.worker.attempt import Attempt

PATIENCE: Final = 0.05  # seconds that a task may run before those around it no longer wait for it


class Hand:
    """One batch of deliveries on its way through a child. The child and its courier share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Delivery] = deque()
        self._ended: list[Attempt] = []
        self._since = 0.0
        self.busy = threading.Event()  #: Set while the courier has something to watch over.

    def fill(self, deliveries: Sequence[Delivery]) -> None:
        """Take a batch."""
        self._waiting.extend(deliveries)
        if len(deliveries) > 1:
            self.busy.set()

    def next(self) -> Delivery | None:
        """The task to start now."""
        with self._lock:
            self._since = time.monotonic()
            return self._waiting.popleft() if self._waiting else None

    def put(self, attempt: Attempt) -> None:
        """Lay down what has ended."""
        with self._lock:
            self._ended.append(attempt)

    def empty(self) -> list[Attempt]:
        """Take out all that ended; the batch is through."""
        with self._lock:
            self.busy.clear()
            ended, self._ended = self._ended, []
            return ended

    def unload(self) -> tuple[list[Attempt], list[Delivery]]:
        """When one task has run longer than the patience: what ended before it and what waits behind it. Else nothing."""
        with self._lock:
            if time.monotonic() - self._since < PATIENCE:
                return [], []
            ended, self._ended = self._ended, []
            waiting = list(self._waiting)
            self._waiting.clear()
            return ended, waiting


class Courier:
    """A thread that carries off what surrounds a task that takes its time.

    Without it a task of a second in a batch of tiny ones would keep the results of those before it from their callers, and those
    behind it from other children.
    """

    def __init__(
        self, hand: Hand, *, conclude: Callable[[Sequence[Attempt]], object], give_back: Callable[[Sequence[Delivery]], object]
    ) -> None:
        self._hand = hand
        self._conclude = conclude
        self._give_back = give_back
        self._carrying = threading.Lock()
        self._over = False
        self._thread = threading.Thread(target=self._watch, name="heavylift-courier", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def finish(self) -> None:
        """Wait until what is being carried has arrived. To be called before the process ends."""
        with self._carrying:
            self._over = True

    def _watch(self) -> None:
        while not self._over:
            self._hand.busy.wait()
            time.sleep(PATIENCE)  # the patience itself, not a guess
            with self._carrying:
                self._carry()

    def _carry(self) -> None:
        if self._over:
            return
        ended, waiting = self._hand.unload()
        if ended:
            self._conclude(ended)
        if waiting:
            self._give_back(waiting)
