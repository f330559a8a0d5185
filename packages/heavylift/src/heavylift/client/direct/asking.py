"""Questions to the store, asked again where that is harmless."""

import random
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from heavylift.client.asks import Pause, Steps
from heavylift.client.direct.asks import Hear, Listen, Listening, Question, Unanswered
from heavylift.errors import NotReplicated, StoreUnavailable
from heavylift.store.calls import Call

Reply = TypeVar("Reply")
Seen = TypeVar("Seen")

TRIES: Final = 8
FIRST_PAUSE: Final = 0.05  #: Seconds before the second try at most; it doubles with each.
LOOK: Final = 5.0  #: Seconds after which who waits looks for himself: a failover of Redis may forget who listens.


def asked(call: Call[Reply], patience: float) -> Steps[Reply]:
    """The reply to one question. Raises StoreUnavailable after ``patience`` seconds, NotReplicated, StoreRefused."""
    until = time.monotonic() + patience
    for number in range(1, TRIES + 1):
        came = yield Question(call)
        if not isinstance(came, Unanswered):
            reply: Reply = came
            return reply
        pause = FIRST_PAUSE * 2.0 ** (number - 1) * random.uniform(0.5, 1.0)  # noqa: S311
        if not _may_repeat(call, came) or number == TRIES or time.monotonic() + pause >= until:
            raise came.error
        yield Pause(pause)
    raise AssertionError  # pragma: no cover


def listen(channel: str, patience: float) -> Steps[Listening]:
    """A subscription. Raises StoreUnavailable."""
    until = time.monotonic() + patience
    while True:
        came = yield Listen(channel)
        if isinstance(came, Listening):
            return came
        if time.monotonic() + FIRST_PAUSE >= until:
            raise came.error
        yield Pause(FIRST_PAUSE)


def look_until(
    listening: Listening, seconds: float, look: Callable[[], Steps[Seen]], enough: Callable[[Seen], bool]
) -> Steps[Seen]:
    """What ``look`` sees once that is enough, or as it is when ``seconds`` are over."""
    until = time.monotonic() + seconds
    while True:
        seen = yield from look()
        left = until - time.monotonic()
        if enough(seen) or left <= 0:
            return seen
        heard = yield Hear(listening, min(left, LOOK))
        if isinstance(heard, Unanswered):
            raise heard.error


def _may_repeat(call: Call[Any], came: Unanswered) -> bool:
    return call.repeatable and isinstance(came.error, StoreUnavailable) and not isinstance(came.error, NotReplicated)
