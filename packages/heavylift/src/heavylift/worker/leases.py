"""Keeps the leases of the children and hears what they are to stop: one call for all of them, whatever they have in hand."""

from dataclasses import dataclass, field
from typing import Final

from heavylift.store.calls import Orders, Renew
from heavylift.store.redis import RedisStore
from heavylift.telemetry import LeaseEnded, Reporter
from heavylift.worker.orders import Order, Switchboard
from heavylift.worker.seats import Seats
from heavylift.worker.slots import Running, Slots
from heavylift.worker.stops import Stops

EVERY: Final = 0.1  # seconds: a task that is called off hears of it within this time. A question costs Redis some 11 µs

Ran = dict[str, tuple[int, Running | None]]  #: By consumer: its slot, and what it ran.


@dataclass(slots=True)
class LeaseKeeper:
    """Asks many times in a lease, of which Redis prolongs it when a third is gone; so most questions write nothing."""

    store: RedisStore
    reporter: Reporter
    seats: Seats
    slots: Slots
    switchboard: Switchboard
    stops: Stops
    lease: float
    _told: set[str] = field(init=False, default_factory=set)

    def keep(self) -> float:
        """Ask once, and pass on the orders. Returns the seconds until the next time."""
        # Looked at before the question: what a child ran before its consumer had no lease is certainly not its own any more.
        ran = {seat.consumer: (seat.slot, self.slots.read(seat.slot)) for seat in self.seats if seat.consumer is not None}
        self.switchboard.look_after(ran)
        if ran:
            self._pass_on(self.store.run(Renew(tuple(ran), self.lease)), ran)
        return EVERY

    def _pass_on(self, orders: Orders, ran: Ran) -> None:
        for consumer, (slot, running) in ran.items():
            lost, cancelled = consumer in orders.lost, orders.cancelled.get(consumer, frozenset())
            if lost or cancelled:
                self.switchboard.give(consumer, Order(tuple(sorted(cancelled)), lost))
            if running is not None and (lost or running.lost):
                self.stops.give_up(slot, running)
            elif running is not None and running.task_id in cancelled:
                self.stops.cancel(slot, running)
        self._report(set(orders.lost) & set(self.seats.consumers()))  # one that has died meanwhile has no lease either

    def _report(self, lost: set[str]) -> None:
        for consumer in sorted(lost - self._told):
            self.reporter.report(LeaseEnded(consumer=consumer))
        self._told = lost
