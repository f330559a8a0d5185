"""The events of several tasks as one stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic

from heavylift.client import Client
from heavylift.client.errors import WaitOver
from heavylift.client.values import TaskEvent
from heavylift.errors import HeavyliftError


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a task."""

    task_id: str
    event: TaskEvent


Heard = Happened | HeavyliftError | None  #: None when a stream is over, and an error when it broke.


def follow(client: Client, ids: Sequence[str], timeout: float | None) -> Iterator[Happened]:
    """All that happens, until all have ended. Raises what breaks a stream, and WaitOver after ``timeout`` seconds."""
    heard: SimpleQueue[Heard] = SimpleQueue()
    left = Event()
    for task_id in ids:
        Thread(target=_listen, args=(client, task_id, heard, left), daemon=True).start()
    try:
        yield from _happenings(heard, len(ids), None if timeout is None else monotonic() + timeout)
    finally:
        left.set()


def _happenings(heard: "SimpleQueue[Heard]", open_streams: int, until: float | None) -> Iterator[Happened]:
    while open_streams:
        happened = _next(heard, until)
        if isinstance(happened, HeavyliftError):
            raise happened
        if happened is None:
            open_streams -= 1
        else:
            yield happened


def _listen(client: Client, task_id: str, heard: "SimpleQueue[Heard]", left: Event) -> None:
    try:
        with client.task(task_id).events() as events:
            for event in events:
                heard.put(Happened(task_id, event))
        heard.put(None)
    except HeavyliftError as error:
        heard.put(error)
    except RuntimeError:
        if not left.is_set():  # nobody follows any more, and the client was closed under this stream
            raise


def _next(heard: "SimpleQueue[Heard]", until: float | None) -> Heard:
    try:
        return heard.get(timeout=None if until is None else max(0.0, until - monotonic()))
    except Empty:
        raise WaitOver("the time to wait is over; what is not done yet goes on, and can be watched again") from None
