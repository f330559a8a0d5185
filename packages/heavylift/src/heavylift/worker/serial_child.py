"""A child that runs one task at a time: claims a moment's work, runs it in turn, records it and claims the next."""

import math
import signal
import time
from types import FrameType

from heavylift.record import Delivery
from heavylift.telemetry import Reporter
from heavylift.worker.attempt import Attempt, begun
from heavylift.worker.desk import Desk, Leave
from heavylift.worker.execute import Runner
from heavylift.worker.hand import Courier, Hand
from heavylift.worker.place import Place
from heavylift.worker.slots import Running, Slots


class SerialChild:
    """One process' work from its first claim to its end. A claim is of ``claim_size`` tasks at most."""

    def __init__(
        self,
        place: Place,
        *,
        runner: Runner,
        desk: Desk,
        slots: Slots,
        reporter: Reporter,
        claim_size: int,
        last_task: int | None,
    ) -> None:
        self._slot = place.slot
        self._slots = slots
        self._reporter = reporter
        self._claim_size = claim_size
        self._last_task = last_task
        self._runner = runner
        self._desk = desk
        self._hand = Hand()
        self._done = 0

    def work(self) -> None:
        """Claim, run, record and report, until asked to leave or old enough to be replaced.

        What it may still hold at its end, an entry that came in the last moment, is handed on by the guardian.
        """
        signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        courier = Courier(self._hand, conclude=self._desk.conclude, give_back=self._desk.give_back)
        courier.start()
        deliveries: tuple[Delivery, ...] = ()
        try:
            while self._stays:
                deliveries = deliveries or self._desk.claim(self._room)
                self._run_in_turn(deliveries)
                deliveries = self._desk.conclude(self._hand.empty(), and_claim=self._room if self._stays else 0)
        except Leave:
            return
        finally:
            courier.finish()

    def _run_in_turn(self, deliveries: tuple[Delivery, ...]) -> None:
        self._hand.fill(deliveries)
        while self._stays and (delivery := self._hand.next()):
            self._hand.put(self._execute(delivery))
            self._done += 1
        self._give_back_the_rest()

    def _give_back_the_rest(self) -> None:
        rest = []
        while delivery := self._hand.next():
            rest.append(delivery)
        if rest:
            self._desk.give_back(rest)

    def _execute(self, delivery: Delivery) -> Attempt:
        now, hard = time.monotonic(), self._runner.limit(delivery).hard
        deadline = math.inf if hard is None else now + hard
        self._slots.begin(self._slot, Running(delivery.id, delivery.fence, now, deadline))
        try:
            with begun(delivery, self._reporter):
                return self._runner.run_in_main_thread(delivery)
        finally:
            self._slots.end(self._slot)

    @property
    def _stays(self) -> bool:
        return not self._desk.leaving and (self._last_task is None or self._done < self._last_task)

    @property
    def _room(self) -> int:
        return self._claim_size if self._last_task is None else min(self._claim_size, self._last_task - self._done)

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._desk.leaving = True
        if self._desk.idle:
            raise Leave
