"""What the guardian tells its children while they run tasks: what to cancel, and that their lease was over."""

import json
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

LARGEST: Final = 64  # ids in one datagram; an id has at most 255 characters, and a socket takes some 200 kB
_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """``cancel``: tasks that somebody called off. ``lost``: the lease was over, so that others may have what the child runs."""

    cancel: tuple[str, ...] = ()
    lost: bool = False


class Line:
    """The child's end: it hears what is meant for it and for nobody else."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def receive(self) -> Order:
        """Wait for an order."""
        told = json.loads(self._end.recv(_BYTES))
        return Order(tuple(told["cancel"]), told["lost"])

    def close(self) -> None:
        """Hear nothing more."""
        self._end.close()


class Switchboard:
    """A pair of sockets that is made before the children are forked, over which each of them hands in a line of its own.

    However many children come and go, a new one needs nothing that its forefathers had to leave open for it. An order may get
    lost, and is given again for as long as it holds; so nobody waits for anybody here.
    """

    def __init__(self) -> None:
        self._inbox, self._outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._inbox.setblocking(False)
        self._lines: dict[str, socket.socket] = {}

    def connect(self, consumer: str) -> Line:
        """In a child: hand in a line. Waits while many do so."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with theirs:
            socket.send_fds(self._outbox, [consumer.encode()], [theirs.fileno()])
        return Line(ours)

    def look_after(self, consumers: Collection[str]) -> None:
        """In the guardian: take the lines of new children, and put away those of children that are gone."""
        self._take_lines()
        for gone in self._lines.keys() - set(consumers):
            self._lines.pop(gone).close()

    def give(self, consumer: str, order: Order) -> None:
        """In the guardian: give an order to a child, if it listens."""
        line = self._lines.get(consumer)
        if line is None:
            return
        for first in range(0, max(1, len(order.cancel)), LARGEST):
            part = {"cancel": order.cancel[first : first + LARGEST], "lost": order.lost}
            try:
                line.send(json.dumps(part).encode())
            except OSError:
                return  # it is full, or its child is gone

    def close(self) -> None:
        """Close every end in this process."""
        for end in (self._inbox, self._outbox, *self._lines.values()):
            end.close()

    def _take_lines(self) -> None:
        while True:
            try:
                name, fds, _, _ = socket.recv_fds(self._inbox, _BYTES, 1)
            except BlockingIOError:
                return
            line = socket.socket(fileno=fds[0])
            line.setblocking(False)
            self._lines[name.decode()] = line
