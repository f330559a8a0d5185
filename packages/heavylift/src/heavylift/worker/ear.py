"""A child's ear for its guardian: a thread that hears orders and lets running tasks know."""

import logging
import threading

from heavylift.worker.desk import Desk
from heavylift.worker.orders import Order, Switchboard
from heavylift.worker.running import Runs

logger = logging.getLogger(__name__)


class Ear:
    """Listens for ``consumer``."""

    def __init__(self, switchboard: Switchboard, consumer: str, *, runs: Runs, desk: Desk) -> None:
        self._switchboard = switchboard
        self._consumer = consumer
        self._runs = runs
        self._desk = desk

    def open(self) -> None:
        """Begin to listen, until the process ends."""
        threading.Thread(target=self._listen, name="heavylift-ear", daemon=True).start()

    def _listen(self) -> None:
        line = self._switchboard.connect(self._consumer)
        while True:
            order = line.receive()
            try:
                self._obey(order)
            except Exception:
                logger.exception("an order of the guardian could not be obeyed")

    def _obey(self, order: Order) -> None:
        if order.cancel:
            self._runs.cancel(frozenset(order.cancel))
        if order.lost:
            self._desk.find_out_what_is_lost()
