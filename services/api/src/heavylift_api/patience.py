"""How long a client is waited for, at either end of a connection. Pure: times and sizes are given."""

from typing import Final

SLOWEST: Final = 1024  #: Bytes a second. Whoever is slower takes up a place and never comes to an end.


class Sender:
    """A client that owes a request: its head within ``patience`` seconds, its body then or at ``SLOWEST`` at least."""

    def __init__(self, patience: float, now: float) -> None:
        self._patience = patience
        self._since: float | None = now  # None while nothing is owed
        self.received = 0  #: Bytes of the request.
        self.in_head = True
        self.has_begun = False  #: Whether there ever was a request.

    def begins(self, now: float) -> None:
        """A request begins."""
        self._since, self.received, self.in_head, self.has_begun = now, 0, True, True

    def is_held_back(self, now: float) -> None:
        """It is we who do not read on."""
        if self._since is not None:
            self._since, self.received = now, 0

    def has_sent_all(self) -> None:
        """Nothing is owed any more."""
        self._since = None

    def is_late(self, now: float) -> bool:
        """Whether it was waited for long enough."""
        if self._since is None:
            return False
        earned = 0.0 if self.in_head else self.received / SLOWEST
        return now - self._since > self._patience + earned


class Taker:
    """A client to which something is written: some of it must be taken within ``patience`` seconds, at ``SLOWEST`` at least."""

    def __init__(self, patience: float, now: float) -> None:
        self._patience = patience
        self._since = now  # when it last had taken enough
        self._unread = 0  # bytes that were left then
        self._taken = 0  # bytes that it had taken until then

    def is_stuck(self, unread: int, taken: int, now: float) -> bool:
        """Whether it was waited for long enough.

        ``unread`` are the bytes that it has not taken yet, ``taken`` those that it ever took: of a stream that goes on there is
        always something on its way, and that alone says nothing.
        """
        more = taken - self._taken
        if unread == 0 or (more > 0 and more >= min(self._unread, SLOWEST * (now - self._since))):
            self._since, self._unread, self._taken = now, unread, taken
        return now - self._since > self._patience
