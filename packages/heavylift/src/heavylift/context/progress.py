"""How far a task is."""

import math
from dataclasses import dataclass
from typing import Any, Final

LONGEST_MESSAGE: Final = 500  # characters; what is longer is cut


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` in whatever unit the task counts; ``total`` is None while nobody knows it."""

    done: float
    total: float | None = None
    message: str | None = None

    @classmethod
    def checked(cls, done: float, total: float | None, message: str | None) -> "Progress":
        """What a task says, or a ValueError that names what is wrong with it."""
        _check("done", done)
        if total is not None:
            _check("total", total)
        if message is not None and len(message) > LONGEST_MESSAGE:
            message = f"{message[: LONGEST_MESSAGE - 1]}…"
        return cls(done, total, message)

    def as_json(self) -> dict[str, Any]:
        """The shape that the record keeps and the API shows."""
        return {"done": self.done, "total": self.total, "message": self.message}


def _check(name: str, number: float) -> None:
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"{name} is a finite number and not negative, not {number!r}")
