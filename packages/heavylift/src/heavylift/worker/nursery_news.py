"""What the nursery tells the guardian of its children."""

import json
import os
import signal
from dataclasses import asdict, dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Forked:
    """A child runs."""

    slot: int
    pid: int


@dataclass(frozen=True, slots=True)
class NotForked:
    """The system gave no process for a child. ``error`` says why."""

    slot: int
    error: str


@dataclass(frozen=True, slots=True)
class Died:
    """A child has ended with this wait status."""

    slot: int
    pid: int
    status: int

    def by(self, number: signal.Signals) -> bool:
        """Whether this signal ended it."""
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == number


News = Forked | NotForked | Died
_NEWS: Final = {kind.__name__: kind for kind in (Forked, NotForked, Died)}


def write_news(news: News) -> bytes:
    """One piece of news as a datagram."""
    return json.dumps([type(news).__name__, asdict(news)]).encode()


def read_news(data: bytes) -> News:
    """The news of ``write_news``."""
    kind, told = json.loads(data)
    news: News = _NEWS[kind](**told)
    return news
