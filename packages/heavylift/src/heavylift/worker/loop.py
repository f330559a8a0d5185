"""A duty that repeats in a thread of its own until it is stopped."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from heavylift.errors import HeavyliftError
from heavylift.telemetry import Reporter, StoreTrouble

logger = logging.getLogger(__name__)

PAUSE_AFTER_TROUBLE: Final = 0.5  # seconds: short enough to be back within a second of Redis


class Loop:
    """Calls ``body`` again and again; ``body`` returns the seconds until its next call.

    Trouble with the store is reported and tried again; any other error is logged and tried again. A duty never ends by itself.
    """

    def __init__(self, name: str, body: Callable[[], float], reporter: Reporter) -> None:
        self._name = name
        self._body = body
        self._reporter = reporter
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heavylift-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def halt(self) -> None:
        """Begin no other call."""
        self._stop.set()

    def stop(self, *, within: float = 5.0) -> None:
        """End after the call that runs now; do not wait for it longer than ``within`` seconds."""
        self.halt()
        if self._thread.is_alive():
            self._thread.join(within)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self._once())

    def _once(self) -> float:
        try:
            return self._body()
        except HeavyliftError as error:
            self._reporter.report(StoreTrouble(component=self._name, error_type=type(error).__name__, message=str(error)))
        except Exception:
            logger.exception("the duty %s failed and goes on", self._name)
        return PAUSE_AFTER_TROUBLE
