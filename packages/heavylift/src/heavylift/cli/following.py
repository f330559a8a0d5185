"""The events of several tasks, or of a batch, as one stream."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Generic, TypeVar

from heavylift.client.errors import WaitOver
from heavylift.client.shells import Stream
from heavylift.errors import HeavyliftError

Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Happened(Generic[Each]):
    """An event of a task or a batch."""

    id: str
    event: Each


Heard = Happened[Each] | HeavyliftError | None  #: None when a stream is over, and an error when it broke.


def follow(streams: Mapping[str, Callable[[], Stream[Each]]], timeout: float | None) -> Iterator[Happened[Each]]:
    """All that happens to those of these ids, until all have ended.

    Raises what breaks a stream, and WaitOver after ``timeout`` seconds.
    """
    heard: SimpleQueue[Heard[Each]] = SimpleQueue()
    left = Event()
    for id_, events in streams.items():
        Thread(target=_listen, args=(id_, events, heard, left), daemon=True).start()
    try:
        yield from _happenings(heard, len(streams), None if timeout is None else monotonic() + timeout)
    finally:
        left.set()


def _happenings(heard: "SimpleQueue[Heard[Each]]", open_streams: int, until: float | None) -> Iterator[Happened[Each]]:
    while open_streams:
        happened = _next(heard, until)
        if isinstance(happened, HeavyliftError):
            raise happened
        if happened is None:
            open_streams -= 1
        else:
            yield happened


def _listen(id_: str, follow_one: Callable[[], Stream[Each]], heard: "SimpleQueue[Heard[Each]]", left: Event) -> None:
    try:
        with follow_one() as events:
            for event in events:
                heard.put(Happened(id_, event))
        heard.put(None)
    except HeavyliftError as error:
        heard.put(error)
    except RuntimeError:
        if not left.is_set():  # nobody follows any more, and the client was closed under this stream
            raise


def _next(heard: "SimpleQueue[Heard[Each]]", until: float | None) -> Heard[Each]:
    try:
        return heard.get(timeout=None if until is None else max(0.0, until - monotonic()))
    except Empty:
        raise WaitOver("the time to wait is over; what is not done yet goes on, and can be watched again") from None
