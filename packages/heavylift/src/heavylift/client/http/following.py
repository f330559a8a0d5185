"""Following a task over HTTP: a stream that is opened again behind the last event whenever it breaks."""

import random
from typing import Final

from heavylift.client.asks import Pause, Steps
from heavylift.client.errors import TaskUnknown
from heavylift.client.http.event_blocks import Block, EventBlocks
from heavylift.client.http.exchange import Terms, open_stream
from heavylift.client.http.message import Answer, Broken, Chunk, Opened, Request, Shut
from heavylift.client.http.reading import read_event
from heavylift.client.values import EndEvent, TaskEvent

SILENCE: Final = 60.0  #: Seconds after which a stream that says nothing, not even that it lives, is taken for broken.
PATIENCE: Final = 60.0  #: Seconds for which a stream that broke is tried again: a release of the API takes less.


class HttpFollowing:
    """The events of a task behind ``after``, each once and in their order."""

    def __init__(self, path: str, after: str | None, headers: dict[str, str], terms: Terms) -> None:
        self._path = path
        self._after = after
        self._headers = headers
        self._terms = terms
        self._stream: Opened | None = None
        self._blocks = EventBlocks()
        self._told: list[TaskEvent] = []
        self._held: list[TaskEvent] = []
        self._over = False

    def next(self) -> Steps[TaskEvent | None]:
        """The next event; None when the task has ended and all is told. Raises TaskUnknown when its record is gone."""
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
        began = Request("GET", self._path, headers=headers, patience=0.0 if self._after is None else PATIENCE)
        came = yield from open_stream(began, self._terms)
        if isinstance(came, Answer):  # 204: nothing will ever follow
            self._over = True
            return
        self._stream, self._blocks = came, EventBlocks()
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
            raise TaskUnknown("the record of the task is gone: it was discarded, or has been kept for its time")
        event = read_event(block.id, block.event, block.data)
        if event is None:
            return
        # What has no place to go on from is told with the event behind it: else who is cut off between the two hears it twice.
        self._held.append(event)
        if block.id is None:
            return
        self._told += self._held
        self._held.clear()
        self._after = block.id
        self._over = isinstance(event, EndEvent)
