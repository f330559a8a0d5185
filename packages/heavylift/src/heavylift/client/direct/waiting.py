"""Waiting for ends, and following a task, by what the store publishes."""

from collections import deque
from collections.abc import Callable
from typing import Final, TypeVar
from uuid import uuid4

from heavylift.client.asks import Steps
from heavylift.client.direct import views
from heavylift.client.direct.asking import LOOK, asked, listen, look_until
from heavylift.client.direct.asks import Hear, Hush, Listening, Unanswered
from heavylift.client.errors import RequestInvalid, TaskUnknown, faulty
from heavylift.client.values import EndEvent, Fault, TaskEvent
from heavylift.errors import HeavyliftError
from heavylift.record import Record
from heavylift.store.calls import Follow, Read
from heavylift.story import BEGINNING, Place, Told, log_after, tell

Seen = TypeVar("Seen")

PATIENCE: Final = 60.0  #: Seconds for which a silent Redis is asked again by one who follows: a failover takes less.


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


def place_of(after: str | None) -> Place:
    """The place that the id of an event is. Raises RequestInvalid."""
    if after is None:
        return BEGINNING
    place = Place.parse(after)
    if place is None:
        raise faulty([Fault("after", "is not the id of an event; leave it out to be told from the beginning")], RequestInvalid)
    return place


def existing(id_: str, known: Seen | None) -> Seen:
    """What is known of a task, if there is one. Raises TaskUnknown."""
    if known is None:
        raise TaskUnknown(f"no task has the id {id_}: it never existed, or its record has been kept for its time and is gone")
    return known


class DirectFollowing:
    """The events of a task behind ``after``, each once and in their order."""

    def __init__(self, id_: str, after: Place, patience: float, partition: str) -> None:
        self._id = id_
        self._after = after
        self._patience = patience
        self._channel = f"{partition}:changes:{uuid4().hex[:12]}"
        self._listening: Listening | None = None
        self._told: deque[TaskEvent] = deque()
        self._over = False
        self._more = True

    def next(self) -> Steps[TaskEvent | None]:
        """The next event; None when the task has ended and all is told. Raises TaskUnknown when its record is gone."""
        while not (self._told or self._over):
            if self._listening is None:
                self._listening = yield from listen(self._channel, self._patience)
                self._patience, self._more = PATIENCE, True
            if not self._more:
                yield from self._rest(self._listening)
            if self._listening is not None:
                yield from self._look()
        if self._over:
            yield from self._hush()
        return self._told.popleft() if self._told else None

    def close(self) -> Steps[None]:
        """Follow no more."""
        self._over = True
        self._told.clear()
        yield from self._hush()

    def _rest(self, listening: Listening) -> Steps[None]:
        heard = yield Hear(listening, LOOK)
        if isinstance(heard, Unanswered):
            yield from self._hush()

    def _look(self) -> Steps[None]:
        told = existing(self._id, (yield from self._read(self._after)))
        if self._after.run > told.fence:  # a failover took back what stood there
            self._after = BEGINNING
            told = existing(self._id, (yield from self._read(BEGINNING)))
        portion = tell(told, self._after)
        record: Record | None = None
        if portion.over and portion.events:
            record = yield from asked(Read(self._id), self._patience)
        events = [shown for event in portion.events if (shown := views.event(event, record)) is not None]
        self._told.extend(events)
        self._after, self._more = portion.last, portion.more
        self._over = portion.over and (not portion.events or any(isinstance(event, EndEvent) for event in events))

    def _read(self, after: Place) -> Steps[Told | None]:
        return asked(Follow(self._id, self._channel, log_after(after)), self._patience)

    def _hush(self) -> Steps[None]:
        if self._listening is not None:
            listening, self._listening = self._listening, None
            yield Hush(listening)
