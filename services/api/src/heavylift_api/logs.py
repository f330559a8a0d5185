"""The logs of tasks, a page at a time."""

from dataclasses import dataclass, field
from typing import Final

from heavylift.store.calls import PORTIONS, Read, ReadLog
from heavylift.story import BEGINNING, Event, EventName, Place, lines_of, log_after
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.event_shapes import LogEntry, LogPage
from heavylift_api.observe import existing
from heavylift_api.views import line_of

LEVELS: Final = ("debug", "info", "warning", "error", "critical")
LOOKS: Final = 8  #: Answers of the store that one page is made of at most: a level may pass over many lines.


@dataclass(slots=True)
class _Page:
    """A page in the making."""

    caller: Caller
    limit: int
    least: int
    last: Place
    lines: list[LogEntry] = field(default_factory=list)
    dropped: int = 0

    @property
    def full(self) -> bool:
        return len(self.lines) >= self.limit

    def take(self, event: Event) -> None:
        if event.name is EventName.DROPPED:
            self.dropped += event.data["lines"]
            return
        self.last = event.place
        level = event.data["level"]
        if level not in LEVELS or LEVELS.index(level) >= self.least:
            self.lines.append(LogEntry(id=str(event.place), **line_of(event, self.caller)))


class LogReader:
    """Reads the logs of tasks."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def read(self, caller: Caller, id_: str, after: Place, limit: int, level: str) -> LogPage:
        """Lines behind a place, of this level at least. Raises TaskNotFound."""
        if caller.reach is not None:
            existing(id_, await self._store.run(Read(id_, reach=caller.reach)))  # whose a task is stays as it is
        page = _Page(caller, limit, LEVELS.index(level), after)
        more = True
        for _ in range(LOOKS):
            portions = existing(id_, await self._store.run(ReadLog(id_, log_after(page.last))))
            for event in lines_of(portions, page.last):
                if page.full:
                    break
                page.take(event)
            else:
                more = len(portions) == PORTIONS
            if page.full or not more:
                break
        last = None if page.last == BEGINNING else str(page.last)
        return LogPage(lines=tuple(page.lines), dropped=page.dropped, after=last, more=more)
