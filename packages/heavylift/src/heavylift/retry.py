"""Whether a failed attempt is followed by another, and when."""

import math
import random
from dataclasses import dataclass
from typing import Final

from heavylift.errors import HeavyliftError, TemporaryError

#: Seconds in a year: no pause is longer, whatever a task asks for, so that the time of every attempt can be written down.
LONGEST_PAUSE: Final = 365 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and at what distance a task is tried again.

    ``max_attempts`` counts runs of the function, the first one included; 1 never tries again. The pause before attempt n+1 is
    drawn evenly between 0 and ``min(cap, base · factor^(n-1))`` seconds: "full jitter" after Brooker, "Exponential Backoff And
    Jitter" (AWS Architecture Blog, 2015), which spreads a crowd of failures best for the least work.
    """

    max_attempts: int = 3
    base: float = 1.0
    factor: float = 2.0
    cap: float = 300.0

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValueError(f"max_attempts counts the first run too and is at least 1, not {self.max_attempts}")
        sound = self.base >= 0 and self.factor >= 1 and self.cap >= 0
        if not sound or math.inf in (self.base, self.factor, self.cap):
            raise ValueError("base and cap are seconds and not negative, factor is at least 1, and all three are finite")

    def ceiling(self, attempt: int) -> float:
        """The longest pause, in seconds, after attempt number ``attempt`` (1 is the first)."""
        try:
            grown = self.base * self.factor ** (attempt - 1)
        except OverflowError:
            return self.cap if self.base else 0.0
        return min(self.cap, grown)

    def delay(self, attempt: int, rng: random.Random | None = None) -> float:
        """A pause in seconds after attempt number ``attempt``; ``rng`` makes it repeatable."""
        draw = rng.random() if rng is not None else random.random()  # noqa: S311  spreading load is no secret
        return draw * self.ceiling(attempt)


NEVER = RetryPolicy(max_attempts=1)


def is_retryable(error: BaseException) -> bool:
    """Whether another attempt may help. Our own errors say so themselves; any other ``Exception`` is given the benefit."""
    if isinstance(error, HeavyliftError):
        return error.retryable
    return isinstance(error, Exception)


def pause_before_retry(
    policy: RetryPolicy, error: BaseException, *, attempt: int, max_attempts: int, rng: random.Random | None = None
) -> float | None:
    """Seconds until the next attempt, or None when attempt number ``attempt`` was the last."""
    if attempt >= max_attempts or not is_retryable(error):
        return None
    asked = error.delay if isinstance(error, TemporaryError) else None
    return min(LONGEST_PAUSE, max(0.0, asked) if asked is not None else policy.delay(attempt, rng))
