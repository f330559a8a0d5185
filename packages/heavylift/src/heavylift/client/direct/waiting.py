"""Waiting for ends, by what the store publishes."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from heavylift.client.asks import Steps
from heavylift.client.direct.asking import listen, look_until
from heavylift.client.direct.asks import Hush
from heavylift.errors import HeavyliftError

Seen = TypeVar("Seen")


def wait(
    seconds: float, patience: float, look: Callable[[str], Steps[Seen]], enough: Callable[[Seen], bool], partition: str
) -> Steps[Seen]:
    """What ``look``, given the name of a channel, sees once that is enough, or as it is when ``seconds`` are over."""
    if seconds <= 0:
        return (yield from look(""))
    listening = yield from listen(f"{partition}:ended:{uuid4().hex[:12]}", patience)
    try:
        seen = yield from look_until(listening, seconds, lambda: look(listening.channel), enough)
    except HeavyliftError:
        yield Hush(listening)
        raise
    yield Hush(listening)
    return seen
