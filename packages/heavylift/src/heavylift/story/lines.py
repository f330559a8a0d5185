"""The lines that the handler of a task logged, as events."""

from collections.abc import Iterable, Iterator

from heavylift.record import from_ms
from heavylift.story.event import Event, EventName
from heavylift.story.log import LogLine, LogPortion
from heavylift.story.place import SAID, Place

_BEFORE = -1  # the part of what is told before a line


def lines_of(log: Iterable[LogPortion], after: Place) -> Iterator[Event]:
    """The lines behind ``after``, and how many are missing before each."""
    run, number = (after.run, after.line) if after.step == SAID else (after.run, 0)
    for portion in log:
        if portion.run != run:
            run, number = portion.run, 0
        for line in portion.lines:
            if Place(run, SAID, line.number) <= after:
                continue
            if missing := line.number - number - 1:
                yield Event(Place(run, SAID, line.number, _BEFORE), EventName.DROPPED, {"run": run, "lines": missing})
            yield _line(run, line)
            number = line.number


def _line(run: int, line: LogLine) -> Event:
    told = {"at": from_ms(line.at), "level": line.level, "attempt": line.attempt, "run": run, "logger": line.logger}
    return Event(Place(run, SAID, line.number), EventName.LOG, told | {"message": line.message, "fields": line.fields})
