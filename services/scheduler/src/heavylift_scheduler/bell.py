"""Rings when somebody has changed a schedule, so that nobody has to look for that all the time."""

import threading
from collections.abc import Callable
from typing import Final

from heavylift.errors import HeavyliftError
from heavylift.store.redis import RedisStore

CHANNEL: Final = "schedules:changed"
BREATH: Final = 0.5  #: Seconds of listening between two looks at whether to stop.
PAUSE: Final = 1.0  #: Seconds before a connection that broke is made anew.


class Bell:
    """Calls ``ring`` from a thread of its own: after each change, and after each time in which it may have missed one."""

    def __init__(self, store: RedisStore, ring: Callable[[], None]) -> None:
        self._store = store
        self._ring = ring
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="heavylift-bell", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stop.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                self._hear()
            except HeavyliftError:  # who looks at the schedules reports it, too
                self._stop.wait(PAUSE)

    def _hear(self) -> None:
        with self._store.listening(CHANNEL) as heard:
            self._ring()
            while not self._stop.is_set():
                if heard(BREATH):
                    self._ring()
