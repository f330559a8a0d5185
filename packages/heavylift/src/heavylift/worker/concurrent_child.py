"""A child that runs many tasks side by side, in threads or on an event loop.

One thread claims, another records what ended and claims for the places that became free; the crew runs tasks and nothing else.
"""

import logging
import os
import queue
import signal
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final, Protocol

from heavylift.record import Delivery
from heavylift.worker.attempt import Attempt
from heavylift.worker.desk import Desk, Leave
from heavylift.worker.place import Place
from heavylift.worker.places import Places
from heavylift.worker.slots import Slots

logger = logging.getLogger(__name__)

LARGEST: Final = 64  # tasks in one claim, and ends in one conclusion


class Crew(Protocol):
    """Those who run tasks side by side."""

    def run(self) -> None:
        """Work in the main thread until ``stop``."""

    def start(self, deliveries: Sequence[Delivery], done: Callable[[Attempt], None]) -> None:
        """Begin to run tasks; call ``done`` with the end of each. May be called from any thread."""

    def stop(self) -> None:
        """Let ``run`` return. Called when nothing runs any more."""


class ConcurrentChild:
    """One process' work, with ``places`` tasks in hand at most."""

    def __init__(self, place: Place, *, crew: Crew, desk: Desk, slots: Slots, places: int, last_task: int | None) -> None:
        self._slot = place.slot
        self._crew = crew
        self._desk = desk
        self._slots = slots
        self._places = Places(places, last_task=last_task)
        self._ended: queue.SimpleQueue[Attempt] = queue.SimpleQueue()

    def work(self) -> None:
        """Claim, run, record and report, until asked to leave or old enough to be replaced, and nothing runs any more."""
        signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for duty in (self._keep_claiming, self._keep_recording):
            threading.Thread(target=_or_end_the_child, args=(duty,), name=f"heavylift{duty.__name__}", daemon=True).start()
        self._crew.run()

    def _keep_claiming(self) -> None:
        try:
            while places := self._places.take(LARGEST):
                deliveries = self._desk.claim(places)
                self._places.free(places - len(deliveries))
                self._begin(deliveries)
        except Leave:
            self._leave()

    def _keep_recording(self) -> None:
        while not self._places.deserted:
            attempts = self._next_ended()
            again = self._places.take_over(len(attempts))
            deliveries = self._desk.conclude(attempts, and_claim=0 if self._desk.leaving else again)
            self._begin(deliveries)
            self._places.leave(len(attempts), successors=len(deliveries), expected=again)
            self._slots.hold(self._slot, self._places.seated)
        self._crew.stop()

    def _begin(self, deliveries: Sequence[Delivery]) -> None:
        if deliveries and self._places.sit(len(deliveries)):
            self._slots.hold(self._slot, self._places.seated)
            self._crew.start(deliveries, self._ended.put)
        if self._places.spent:
            self._slots.leave(self._slot)  # so that the guardian finds a successor before the last task has ended
            self._leave()

    def _next_ended(self) -> list[Attempt]:
        attempts: list[Attempt] = []
        try:
            attempts.append(self._ended.get(timeout=0.1))  # a look now and then at whether it is time to go
            while len(attempts) < LARGEST:
                attempts.append(self._ended.get_nowait())
        except queue.Empty:
            pass
        return attempts

    def _leave(self) -> None:
        self._desk.leaving = True
        self._places.close()

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        # In a thread: a handler that took the lock of the places could have interrupted the one who holds it.
        threading.Thread(target=self._leave, daemon=True).start()


def _or_end_the_child(duty: Callable[[], None]) -> None:
    """Run a duty; without it the child would hold its tasks for ever, so an error in it is the child's end."""
    try:
        duty()
    except Exception:
        logger.exception("a child cannot go on")
        os._exit(os.EX_SOFTWARE)
