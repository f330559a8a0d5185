"""Facts on their way from the children to the guardian, one datagram each."""

import socket
from typing import Final

from heavylift.telemetry import Event, Subscriber
from heavylift.telemetry.events import from_wire, to_wire

_LARGEST: Final = 64 * 1024  # bytes


class Reports:
    """A pair of sockets that is made before the children are forked: they send, the guardian receives."""

    def __init__(self) -> None:
        self._inbox, self._outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._outbox.setblocking(False)
        self.dropped = 0

    def send(self, event: Event) -> None:
        """Send from a child. A full socket drops the fact: telemetry must not hold up work."""
        try:
            self._outbox.send(to_wire(event))
        except OSError:
            self.dropped += 1

    def receive(self, forward: Subscriber, *, within: float) -> None:
        """In the guardian: forward what has come, waiting for the first at most ``within`` seconds."""
        self._inbox.settimeout(within)
        try:
            forward(from_wire(self._inbox.recv(_LARGEST)))
        except TimeoutError:
            return

    def close(self) -> None:
        """Close both ends in this process."""
        self._inbox.close()
        self._outbox.close()
