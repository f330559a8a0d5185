"""What is asked of a transport on the way, by code that is written once for blocking and for asyncio clients.

Steps are generators that yield such an ask, are sent what came of it, and return the answer. They do no I/O and wait for nothing.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

Told = TypeVar("Told")
Each = TypeVar("Each", covariant=True)

Steps = Generator[Any, Any, Told]


@dataclass(frozen=True, slots=True)
class Pause:
    """Let seconds pass."""

    seconds: float


class Source(Protocol[Each]):
    """Where one thing after the other comes from."""

    def next(self) -> Steps[Each | None]:
        """The next one, as soon as there is one; None when there are no more."""

    def close(self) -> Steps[None]:
        """Let go of what is open for it."""
