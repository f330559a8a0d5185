"""What was seen of the store, second by second."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from heavylift.record import Executor
from heavylift.store.calls import WorkloadReply

GAP: Final = 30.0  # seconds without a look after which all before counts for nothing
KEPT: Final = 1800.0  # seconds of looks that are kept

LineName = tuple[str, Executor]  #: Queue, kind of child.


@dataclass(frozen=True, slots=True)
class Look:
    """One moment. ``ended``: attempts since the beginning; ``busy``: seconds that slots were busy, as seen from look to look."""

    at: datetime
    ended: dict[LineName, int]
    ready: dict[LineName, int]
    running: dict[LineName, int]
    busy: dict[LineName, float]

    def came(self, line: LineName) -> int:
        """Attempts that have come into a line since the beginning: what is there, and what has ended."""
        return self.ended.get(line, 0) + self.ready.get(line, 0) + self.running.get(line, 0)


class Looks:
    """The latest of them. One that cannot be compared with those before ends them all."""

    def __init__(self) -> None:
        self._looks: list[Look] = []

    def add(self, reply: WorkloadReply) -> str:
        """Look. Returns why what was seen before cannot be compared with this, in words, or ''."""
        look = _look(reply, self.last)
        break_ = _break_between(self.last, look) if self.last else ""
        if break_:
            self._looks.clear()
        self._looks.append(look)
        del self._looks[: self._first(KEPT)]
        return break_

    @property
    def last(self) -> Look | None:
        """The latest."""
        return self._looks[-1] if self._looks else None

    def since(self, seconds: float) -> Look | None:
        """The first of the last so many seconds."""
        return self._looks[self._first(seconds)] if self._looks else None

    def backwards(self) -> Iterator[Look]:
        """From the latest to the first."""
        return reversed(self._looks)

    def ago(self, look: Look) -> float:
        """Seconds between a look and the latest."""
        return (self._looks[-1].at - look.at).total_seconds()

    def _first(self, seconds: float) -> int:
        return bisect_left(self._looks, self._looks[-1].at - timedelta(seconds=seconds), key=lambda look: look.at)


def _look(reply: WorkloadReply, before: Look | None) -> Look:
    ended: dict[LineName, int] = {}
    for runs in reply.runs:
        ended[runs.queue, runs.executor] = ended.get((runs.queue, runs.executor), 0) + runs.attempts
    ready = {(line.queue, line.executor): line.ready for line in reply.lines}
    running = {(line.queue, line.executor): line.running for line in reply.lines}
    passed = (reply.at - before.at).total_seconds() if before else 0.0
    busy = {name: number * passed for name, number in running.items()}
    for name, seconds in (before.busy if before else {}).items():
        busy[name] = busy.get(name, 0.0) + seconds
    return Look(reply.at, ended, ready, running, busy)


def _break_between(before: Look, now: Look) -> str:
    passed = (now.at - before.at).total_seconds()
    if passed < 0:
        return f"the clock of Redis went back by {-passed:.0f} s"
    if passed > GAP:
        return f"nothing was known for {passed:.0f} s"
    fewer = any(now.ended.get(line, number) < number for line, number in before.ended.items())
    if fewer or (before.ended and not now.ended):  # a single queue that nobody used is forgotten in good order
        return "Redis has forgotten a part of what it knew, as after a failover"
    return ""
