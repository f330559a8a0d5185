"""How many tasks a child may have in hand, and how many it may begin in its life."""

import math
import threading


class Places:
    """Whoever claims takes places first, and frees those that stayed empty.

    With ``last_task`` no more tasks than that are ever begun: each place is taken for one of them.
    """

    def __init__(self, number: int, *, last_task: int | None = None) -> None:
        self._free = number
        self._seated = 0
        self._unspoken: float = math.inf if last_task is None else last_task  # tasks for which no place was ever taken
        self._unbegun = self._unspoken
        self._closed = False
        self._changed = threading.Condition()

    def take(self, most: int) -> int:
        """Wait for a free place, and take up to ``most``. 0 once they are closed."""
        with self._changed:
            self._changed.wait_for(lambda: (self._free and self._unspoken) or self._closed)
            taken = 0 if self._closed else int(min(self._free, most, self._unspoken))
            self._free -= taken
            self._unspoken -= taken
            return taken

    def free(self, number: int) -> None:
        """Give back places that were taken and in which nobody sits."""
        with self._changed:
            self._free += number
            self._unspoken += number
            self._changed.notify_all()

    def take_over(self, most: int) -> int:
        """Take up to ``most`` places from those who sit in them still, and will ``leave``."""
        with self._changed:
            taken = 0 if self._closed else int(min(most, self._unspoken))
            self._unspoken -= taken
            return taken

    def sit(self, number: int) -> bool:
        """Sit down in places that were taken. False when everybody has left: then it is too late."""
        with self._changed:
            late = self._closed and not self._seated
            self._seated += 0 if late else number
            self._unbegun -= 0 if late else number
            return not late

    def leave(self, number: int, *, successors: int = 0, expected: int = 0) -> None:
        """Get up. In ``successors`` of the ``expected`` places that were taken over somebody sits already."""
        with self._changed:
            self._seated -= number
            self._free += number - successors
            self._unspoken += expected - successors
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody take a place any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def seated(self) -> int:
        """How many places somebody sits in."""
        return self._seated

    @property
    def spent(self) -> bool:
        """Whether the last task that may be begun has begun."""
        with self._changed:
            return self._unbegun <= 0

    @property
    def deserted(self) -> bool:
        """Whether it is over: nobody may take a place, and nobody sits in one."""
        with self._changed:
            return self._closed and not self._seated
