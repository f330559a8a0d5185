"""Following a task or a batch over HTTP: a stream that is opened again behind the last event whenever it breaks."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from heavylift.client.asks import Pause, Steps
from heavylift.client.errors import BatchUnknown, TaskUnknown
from heavylift.client.http.event_blocks import Block, EventBlocks
from heavylift.client.http.exchange import Terms, open_stream
from heavylift.client.http.message import Answer, Broken, Chunk, Opened, Request, Shut
from heavylift.client.http.reading import read_batch_event, read_event
from heavylift.client.values import BatchEndEvent, BatchEvent, DroppedEvent, EndEvent, TaskEvent
from heavylift.errors import HeavyliftError

Each = TypeVar("Each")

SILENCE: Final = 60.0  #: Seconds after which a stream that says nothing, not even that it lives, is taken for broken.
PATIENCE: Final = 60.0  #: Seconds for which a stream that broke is tried again: a release of the API takes less.


@dataclass(frozen=True, slots=True)
class Story(Generic[Each]):
    """What is told of one sort of things: how its events are read, which of them ends it, and what is raised where it is gone.

    An event that ``leans`` has no place to go on from and belongs to the one behind it.
    """

    read: Callable[[str | None, str, dict[str, Any]], Each | None]
    end: type[Any]
    leans: tuple[type[Any], ...]
    gone: Callable[[str], HeavyliftError]


TASK: Final[Story[TaskEvent]] = Story(read_event, EndEvent, (DroppedEvent,), TaskUnknown)
#: Counts are told as they are, and again after a break: they need not wait for the end of a task.
BATCH: Final[Story[BatchEvent]] = Story(read_batch_event, BatchEndEvent, (), BatchUnknown)


class HttpFollowing(Generic[Each]):
    """The events behind ``after``, in their order; those that have an id once."""

    def __init__(self, story: Story[Each], path: str, after: str | None, headers: dict[str, str], terms: Terms) -> None:
        self._story = story
        self._path = path
        self._after = after
        self._patience = 0.0 if after is None else PATIENCE
        self._headers = headers
        self._terms = terms
        self._stream: Opened | None = None
        self._blocks = EventBlocks()
        self._told: list[Each] = []
        self._held: list[Each] = []
        self._over = False

    def next(self) -> Steps[Each | None]:
        """The next event; None when it has ended and all is told. Raises TaskUnknown, BatchUnknown when its record is gone."""
        while not self._told and not self._over:
            if self._stream is None:
                yield from self._open()
            else:
                yield from self._hear(self._stream)
        return self._told.pop(0) if self._told else None

    def close(self) -> Steps[None]:
        """Hang up."""
        self._over = True
        if self._stream is not None:
            stream, self._stream = self._stream, None
            yield Shut(stream)

    def _open(self) -> Steps[None]:
        last = {} if self._after is None else {"Last-Event-ID": self._after}
        headers = self._headers | {"Accept": "text/event-stream"} | last
        began = Request("GET", self._path, headers=headers, patience=self._patience)
        came = yield from open_stream(began, self._terms)
        if isinstance(came, Answer):  # 204: nothing will ever follow
            self._over = True
            return
        self._stream, self._blocks, self._patience = came, EventBlocks(), PATIENCE
        self._held.clear()

    def _hear(self, stream: Opened) -> Steps[None]:
        chunk = yield Chunk(stream)
        if isinstance(chunk, Broken) or not chunk:
            yield from self._break(stream)
            return
        for block in self._blocks.take(chunk):
            self._take(block)
        if self._over:
            yield from self.close()

    def _break(self, stream: Opened) -> Steps[None]:
        self._stream = None
        yield Shut(stream)
        if not self._over:
            yield Pause(self._blocks.retry * random.uniform(0.1, 0.5))  # noqa: S311

    def _take(self, block: Block) -> None:
        if block.event == "gone":
            raise self._story.gone("its record is gone: it was discarded, or has been kept for its time")
        event = self._story.read(block.id, block.event, block.data)
        if event is None:
            return
        self._held.append(event)
        if isinstance(event, self._story.leans):  # who is cut off between it and the one behind it would hear it twice
            return
        self._told += self._held
        self._held.clear()
        self._after = block.id or self._after
        self._over = isinstance(event, self._story.end)
