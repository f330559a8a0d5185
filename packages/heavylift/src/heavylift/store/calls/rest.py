"""Workers are told to take nothing more, so that they can leave without giving anything back."""

from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits, milliseconds


@dataclass(frozen=True, slots=True)
class Rest(Call[None]):
    """The workers on these hosts are to take nothing more for so many ``seconds``; with 0 they may again.

    What they have in hand stays theirs. From the moment of this call on every claim of theirs is refused with WorkerRests, also
    those of children that come later. The host of a worker is what its name has after the ``@``.
    """

    script = "rest"
    hosts: tuple[str, ...]
    seconds: float

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [str(milliseconds(self.seconds)), *self.hosts]

    def parse(self, reply: Any) -> None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True)
class Host:
    """Where workers run: how many consumers with a lease, how many tasks they have in hand, and whether all of them rest."""

    name: str
    consumers: int
    in_hand: int
    rests: bool


@dataclass(frozen=True, slots=True)
class ReadHosts(Call[tuple[Host, ...]]):
    """Every host on which somebody has a lease or a task in hand, by name.

    One that rests and has nothing in hand will have nothing either for as long as it rests.
    """

    script = "hosts"

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return []

    def parse(self, reply: Any) -> tuple[Host, ...]:
        hosts = (Host(name, consumers, in_hand, bool(rests)) for name, consumers, in_hand, rests in reply)
        return tuple(sorted(hosts, key=lambda host: host.name))


def host_of(consumer: str) -> str:
    """The host of a consumer: its worker's name comes first, ``celery@host``, and may be nothing but the host."""
    worker = consumer.partition("/")[0]
    return worker.partition("@")[2] or worker
