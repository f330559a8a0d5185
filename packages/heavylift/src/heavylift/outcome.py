"""How one attempt of a task ends: a value, decided once and then carried to the store."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The function returned. ``result`` is its JSON text."""

    result: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The task is over without a result."""

    error: "Failure"


@dataclass(frozen=True, slots=True)
class Retry:
    """Another attempt follows in ``delay`` seconds; ``error`` says what happened to this one."""

    delay: float
    error: "Failure"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The task gave way to a request to cancel it."""


Outcome = Succeeded | Failed | Retry | Cancelled


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that a person can read and a program can branch on.

    ``type`` is the class name of the exception, or a name of our own where there was none (``WorkerLost``); ``message`` is one
    line; ``retryable`` says whether another attempt might have helped; ``details`` names single faults, for example each field
    of a payload that does not fit; ``traceback`` is the text of the traceback.
    """

    type: str
    message: str
    retryable: bool
    details: tuple[dict[str, Any], ...] = ()
    traceback: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The shape that the record keeps and the API shows."""
        return {
            "type": self.type,
            "message": self.message,
            "retryable": self.retryable,
            "details": list(self.details),
            "traceback": self.traceback,
        }
