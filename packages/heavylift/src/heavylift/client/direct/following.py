"""Following a task or a batch by what the store publishes."""

from collections import deque
from time import monotonic
from typing import Final, Generic, TypeVar
from uuid import uuid4

from heavylift.client.asks import Steps
from heavylift.client.direct.asking import LOOK, listen
from heavylift.client.direct.asks import Hear, Hush, Listening, Unanswered
from heavylift.client.direct.stories import Story

Each = TypeVar("Each")

PATIENCE: Final = 60.0  #: Seconds for which a silent Redis is asked again by one who follows: a failover takes less.


class DirectFollowing(Generic[Each]):
    """The events of a story, in their order; those that have an id once."""

    def __init__(self, story: Story[Each], patience: float, partition: str) -> None:
        self._story = story
        self._patience = patience
        self._channel = f"{partition}:changes:{uuid4().hex[:12]}"
        self._listening: Listening | None = None
        self._told: deque[Each] = deque()
        self._over = False
        self._more = True

    def next(self) -> Steps[Each | None]:
        """The next event; None when all is told. Raises TaskUnknown, BatchUnknown when its record is gone."""
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
        until = monotonic() + self._story.pace
        while heard is True and (left := until - monotonic()) > 0:  # what is said meanwhile is read with it
            heard = yield Hear(listening, left)
        if isinstance(heard, Unanswered):
            yield from self._hush()

    def _look(self) -> Steps[None]:
        news = yield from self._story.look(self._channel, self._patience)
        self._told.extend(news.events)
        self._over, self._more = news.over, news.more

    def _hush(self) -> Steps[None]:
        if self._listening is not None:
            listening, self._listening = self._listening, None
            yield Hush(listening)
