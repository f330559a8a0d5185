"""Facts on their way from the children to the guardian: gathered while tasks run, sent together when they are recorded."""

import json
import mmap
import socket
import threading
from contextlib import suppress
from typing import Any, Final

from heavylift.telemetry import Event, Subscriber
from heavylift.telemetry.events import from_plain, to_plain

LARGEST: Final = 32  # facts in one datagram; a fact has at most 6 kB, and a socket takes some 200 kB
_BYTES: Final = 1024 * 1024


class Reports:
    """A pair of sockets that is made before the children are forked: they send, the guardian receives."""

    def __init__(self) -> None:
        self._inbox, self._outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._outbox.setblocking(False)
        self._lock = threading.Lock()
        self._detail = mmap.mmap(-1, 1)  # shared with every process forked after this
        self._gathered: list[Any] = []
        self.dropped = 0

    @property
    def in_detail(self) -> bool:
        """Whether the guardian wants a fact for each start and each end; it may say so at any time."""
        return self._detail[0] == 1

    def set_detail(self, wanted: bool) -> None:
        """In the guardian: say so."""
        self._detail[0] = int(wanted)

    def gather(self, event: Event) -> None:
        """In a child: keep a fact until the next ``send``."""
        with self._lock:
            self._gathered.append(to_plain(event))
            full = len(self._gathered) >= LARGEST
        if full:
            self.send()

    def send(self) -> None:
        """In a child: send what was gathered. A full socket drops it: telemetry must not hold up work."""
        with self._lock:
            gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        try:
            self._outbox.send(json.dumps(gathered, separators=(",", ":")).encode())
        except OSError:
            self.dropped += len(gathered)

    def receive(self, forward: Subscriber, *, within: float) -> float:
        """In the guardian: forward what has come, waiting for the first at most ``within`` seconds. The body of a Loop."""
        self._inbox.settimeout(within)
        try:
            data = self._inbox.recv(_BYTES)
        except TimeoutError:
            return 0.0
        for plain in json.loads(data):
            forward(from_plain(plain))
        return 0.0

    def wake(self) -> None:
        """Let ``receive`` return now, with nothing if nothing has come."""
        with suppress(OSError):  # full: then there is something to be received
            self._outbox.send(b"[]")

    def close(self) -> None:
        """Close both ends in this process."""
        self._inbox.close()
        self._outbox.close()
