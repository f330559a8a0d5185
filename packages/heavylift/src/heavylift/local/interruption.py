"""Ctrl-C and SIGTERM as a fact that can be waited for."""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The user wants it to stop. Not an Exception: nothing on the way may take it for a failure."""


class Interruption:
    """Between ``with`` and its end, the first signal is noted and every further one calls ``hurry``."""

    def __init__(self) -> None:
        self.hurry: Callable[[], None] = lambda: None
        self.hurried = False
        self._noted = threading.Event()
        self._before: dict[signal.Signals, Any] = {}

    def pause(self, seconds: float) -> None:
        """Wait. Raises Interrupted as soon as a signal is or was there."""
        if self._noted.wait(seconds):
            raise Interrupted

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  the form of a signal handler
        if self._noted.is_set():
            self.hurried = True
            self.hurry()
        self._noted.set()

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._hear) for number in _SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
