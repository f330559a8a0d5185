"""A request and its answer: sent again where that is harmless, until there is an answer or the time is over."""

import random
import time
from dataclasses import dataclass
from typing import Final

from heavylift.client.asks import Pause, Steps
from heavylift.client.errors import Unreachable
from heavylift.client.http.message import Answer, Broken, Open, Opened, Request, Send
from heavylift.client.http.problems import check

TRIES: Final = 8  #: Of one request.
FIRST_PAUSE: Final = 0.1  #: Seconds before the second try at most; it doubles with each, and how much of it is taken is chance.
LONGEST_PAUSE: Final = 5.0

#: Answers that ask to come again. A 503 of ours, or of a proxy whose service is away for a moment; what says nothing of whether
#: the request was carried out is repeated only where that is harmless.
_AGAIN: Final = (502, 503, 504)
_NOT_TAKEN: Final = (429,)
_IN_FLIGHT: Final = "urn:heavylift:problem:request-in-flight"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a request may take in seconds, all its tries and pauses included."""

    timeout: float


def ask(request: Request, terms: Terms) -> Steps[Answer]:
    """The answer to a request, if it is not a problem. Raises what ``heavylift.client.errors`` lists."""
    answer = yield from _tried(request, terms, opens=False)
    assert isinstance(answer, Answer)  # noqa: S101  nothing was to be opened
    return answer


def open_stream(request: Request, terms: Terms) -> Steps[Opened | Answer]:
    """A stream that is open, or the answer that there will be none. Raises as ``ask`` does."""
    return (yield from _tried(request, terms, opens=True))


def _tried(request: Request, terms: Terms, *, opens: bool) -> Steps[Opened | Answer]:
    until = time.monotonic() + terms.timeout + request.patience
    for number in range(1, TRIES + 1):
        came = yield _asked(request, terms, until, opens=opens)
        if isinstance(came, Opened):
            return came
        pause = _pause(came, request, number)
        if pause is None or number == TRIES or time.monotonic() + pause >= until:
            return _settled(came, request, number)
        yield Pause(pause)
    raise AssertionError  # pragma: no cover


def _asked(request: Request, terms: Terms, until: float, *, opens: bool) -> Send | Open:
    left = max(0.05, min(until - time.monotonic(), terms.timeout + request.patience))
    return Open(request, left) if opens else Send(request, left)


def _pause(came: Answer | Broken, request: Request, number: int) -> float | None:
    """Seconds before the next try, None where there is to be none."""
    drawn = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (number - 1)) * random.uniform(0.5, 1.0)  # noqa: S311
    if isinstance(came, Broken):
        return drawn if request.repeatable or not came.sent else None
    if came.status in _NOT_TAKEN or (request.repeatable and (came.status in _AGAIN or _is_in_flight(came))):
        return max(drawn, _retry_after(came))
    return None


def _is_in_flight(answer: Answer) -> bool:
    return answer.status == 409 and _IN_FLIGHT.encode() in answer.body


def _retry_after(answer: Answer) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else 0.0


def _settled(came: Answer | Broken, request: Request, number: int) -> Answer:
    if isinstance(came, Broken):
        tries = "once" if number == 1 else f"{number} times"
        raise Unreachable(f"{request.method} {request.path} was tried {tries} and not answered: {came.reason}")
    check(came)
    return came
