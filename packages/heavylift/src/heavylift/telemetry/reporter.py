"""Facts go in here and out to whoever subscribed."""

import logging
from collections.abc import Callable

from heavylift.telemetry.events import Event

Subscriber = Callable[[Event], None]

logger = logging.getLogger(__name__)


class Reporter:
    """Hands each fact to every subscriber, in the order of subscription, before ``report`` returns.

    A subscriber that raises is logged and passed over: telemetry must not decide about work.
    """

    def __init__(self, *subscribers: Subscriber) -> None:
        self._subscribers = list(subscribers)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Let ``subscriber`` hear every fact from now on."""
        self._subscribers.append(subscriber)

    def report(self, event: Event) -> None:
        """Say that something happened. Never raises."""
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:
                logger.exception("a telemetry subscriber failed on %s", event.name)
