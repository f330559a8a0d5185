"""How one attempt of a task ends: a value, decided once and then carried to the store."""

from dataclasses import dataclass
from typing import Any

from heavylift.fingerprint import digest
from heavylift.state import FailureReason


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The function returned. ``result`` is its JSON text."""

    result: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The task is over without a result, for this reason."""

    error: "Failure"
    reason: FailureReason = FailureReason.EXHAUSTED


@dataclass(frozen=True, slots=True)
class Retry:
    """Another attempt follows in ``delay`` seconds; ``error`` says what happened to this one.

    ``payload`` is the JSON text with which it follows, where it is not that of this one.
    """

    delay: float
    error: "Failure"
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The task gave way to a request to cancel it."""


Outcome = Succeeded | Failed | Retry | Cancelled


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that a person can read and a program can branch on.

    ``type`` is the class name of the exception, or a name of our own where there was none (``WorkerLost``); ``message`` is one
    line; ``retryable`` says whether another attempt might have helped; ``details`` names single faults, for example each field
    of a payload that does not fit; ``traceback`` is the text of the traceback; ``fingerprint`` is the same for the same fault
    (``heavylift.fingerprint`` says how), and where none is given it is that of the type alone. ``exception`` is what makes the
    exception again where its class is at hand: ``{"module": …, "type": …, "args": […]}``, with the whole name of the class.
    """

    type: str
    message: str
    retryable: bool
    details: tuple[dict[str, Any], ...] = ()
    traceback: str | None = None
    fingerprint: str = ""
    exception: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if not self.fingerprint:
            object.__setattr__(self, "fingerprint", digest(self.type))

    def as_json(self) -> dict[str, Any]:
        """The shape that the record keeps and the API shows."""
        said = {
            "type": self.type,
            "message": self.message,
            "retryable": self.retryable,
            "details": list(self.details),
            "traceback": self.traceback,
        }
        return said | ({"exception": self.exception} if self.exception else {})
