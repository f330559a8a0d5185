"""What a shell offers and only the service knows: kinds, queues. It has a second; without an answer nothing is offered."""

from contextlib import suppress
from typing import Final

from heavylift.client import Client
from heavylift.client.values import KindInfo
from heavylift.errors import HeavyliftError

_PATIENCE: Final = 1.0  #: Seconds that somebody who pressed Tab waits for.


def kinds(incomplete: str) -> list[tuple[str, str]]:
    """Kinds that begin so, with what they do."""
    return [(kind.name, kind.description) for kind in _catalogue() if kind.name.startswith(incomplete)]


def queues(incomplete: str) -> list[str]:
    """Queues of the kinds, as far as they begin so."""
    return sorted({kind.queue for kind in _catalogue() if kind.queue.startswith(incomplete)})


def _catalogue() -> tuple[KindInfo, ...]:
    with suppress(HeavyliftError), Client(timeout=_PATIENCE) as client:
        return client.catalogue()
    return ()
