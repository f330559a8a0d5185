"""What it takes to sleep until a task comes in: the streams of a partition, what comes out of them, and their loss."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from redis.exceptions import ResponseError

from heavylift.errors import LeaseLost
from heavylift.store.calls import Waiting

GROUP: Final = "workers"

#: Redis lost its data, and the stream or its group with them; registering makes them again.
_LOST: Final = ("NOGROUP", "UNBLOCKED the stream key no longer exists")


class Streams:
    """Of one partition, by the names that consumers have for them."""

    def __init__(self, partition: str, names: Sequence[str]) -> None:
        self._names = {f"{partition}:queue:{name}": name for name in names}

    @property
    def asked(self) -> Any:
        """Keys with the place to read from: what nobody has read yet."""
        return dict.fromkeys(self._names, ">")

    def waiting(self, reply: Any) -> tuple[Waiting, ...]:
        """What a read has brought."""
        found = reply.items() if isinstance(reply, dict) else reply or ()
        return tuple(
            Waiting(self._names[key], entry, fields["id"]) for key, entries in found for entry, fields in _flattened(entries)
        )


@contextmanager
def loss_noticed() -> Iterator[None]:
    """Around a read. Raises LeaseLost where the streams are gone."""
    try:
        yield
    except ResponseError as error:
        if any(sign in str(error) for sign in _LOST):
            raise LeaseLost from error
        raise


def _flattened(entries: Any) -> Iterator[tuple[str, dict[str, str]]]:
    # redis-py answers a list of (id, fields) on RESP2 and nests it once more on RESP3.
    for entry in entries:
        if isinstance(entry, list) and entry and not isinstance(entry[0], str):
            yield from _flattened(entry)
        else:
            yield entry[0], entry[1]
