"""What is asked of a transport that is connected to Redis."""

from dataclasses import dataclass, field
from typing import Any

from heavylift.claim_check import ClaimCheck
from heavylift.errors import HeavyliftError, StoreUnavailable
from heavylift.store.calls import Call


@dataclass(frozen=True, slots=True)
class Question:
    """Ask the store one thing: its reply, or Unanswered."""

    call: Call[Any]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The store was silent, or refused."""

    error: HeavyliftError


@dataclass(frozen=True, slots=True)
class Fetch:
    """Fetch a result that is too large for Redis: its value."""

    check: ClaimCheck


@dataclass(frozen=True, slots=True)
class Listen:
    """Hear what is published on a channel: Listening, or Unanswered."""

    channel: str


@dataclass(frozen=True, slots=True)
class Listening:
    """A subscription that stands."""

    channel: str
    handle: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hear:
    """Wait until something is published, for ``seconds`` at most: whether there was, or Unanswered."""

    listening: Listening
    seconds: float


@dataclass(frozen=True, slots=True)
class Hush:
    """End a subscription."""

    listening: Listening


def check_confirmed(message: object) -> None:
    """Raise StoreUnavailable unless Redis has confirmed a subscription."""
    if message is None:
        raise StoreUnavailable("Redis did not confirm a subscription in time")
