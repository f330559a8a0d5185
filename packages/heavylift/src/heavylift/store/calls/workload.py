"""What the workers have before them: what decides how many there should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from heavylift.record import Executor, from_ms
from heavylift.store.calls.call import Call, Limits, milliseconds, pairs

SAMPLE: Final = 64  #: Tasks of a stream, and of those that are due soon, whose kinds are looked at.


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a queue now. Ages are in seconds: how long the task that came first, and that came last, has waited.

    ``due_soon`` tasks wait for a time that comes within the horizon of the question, or has come. ``kinds``: of a sample of what
    is ready and due soon, how many tasks each kind stands for; their sum is about ``ready + due_soon``.
    """

    queue: str
    executor: Executor
    ready: int
    running: int
    due_soon: int = 0
    oldest_age: float = 0.0
    newest_age: float = 0.0
    kinds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Runs:
    """How many attempts at tasks of a kind have ended in a line since the beginning, and the seconds that they ran, together.

    Guardians tell of them once a second (``TellRuns``), so both lag behind by as much, and those of a guardian that was killed
    miss its last second.
    """

    queue: str
    executor: Executor
    kind: str
    attempts: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Tasks that a schedule will submit within the horizon of the question, the first of them ``at`` that time."""

    queue: str
    executor: Executor
    kind: str
    tasks: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WorkloadReply:
    """Every line that has or had work, at a time of Redis' own clock; the queues that are ``paused``; what is ``foreseen``."""

    at: datetime
    lines: tuple[Line, ...]
    runs: tuple[Runs, ...]
    paused: frozenset[str] = frozenset()
    foreseen: tuple[Foreseen, ...] = ()


@dataclass(frozen=True, slots=True)
class Workload(Call[WorkloadReply]):
    """What waits, what runs, and how long such tasks took, in constant time per line and kind, however many tasks there are.

    ``horizon``: seconds from now within which a scheduled task is due soon, and a schedule is foreseen.
    """

    script = "workload"
    horizon: float = 0.0

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [str(milliseconds(self.horizon)), str(SAMPLE)]

    def parse(self, reply: Any) -> WorkloadReply:
        at, lines, runs, paused, foreseen = reply
        told = [_runs_of(queue, pairs(fields)) for queue, fields in runs]
        ordered = sorted((_line(row) for row in lines), key=lambda line: (line.queue, line.executor))
        every = tuple(runs for several in told for runs in several)
        soon = (Foreseen(q, Executor(e), kind, int(tasks), from_ms(int(when))) for q, e, kind, tasks, when in foreseen)
        return WorkloadReply(from_ms(int(at)), tuple(ordered), every, frozenset(paused), tuple(sorted(soon, key=_by_time)))


@dataclass(frozen=True, slots=True)
class TellRuns(Call[None]):
    """Add to what is known of how long tasks run. ``Runs`` here are what has ended since the last time."""

    script = "tell_runs"
    runs: tuple[Runs, ...]

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        rows = ((r.queue, f"{r.executor}:{r.kind}", str(r.attempts), str(round(r.seconds * 1e6))) for r in self.runs)
        return [text for row in rows for text in row]

    def parse(self, reply: Any) -> None:  # noqa: ARG002
        return None


def _by_time(foreseen: Foreseen) -> tuple[datetime, str, str]:
    return foreseen.at, foreseen.queue, foreseen.kind


def _line(row: Sequence[Any]) -> Line:
    queue, executor, ready, running, due_soon, oldest, newest, kinds = row
    shares = {kind: float(share) for kind, share in pairs(kinds)}
    return Line(queue, Executor(executor), ready, running, due_soon, oldest / 1000, newest / 1000, shares)


def _runs_of(queue: str, fields: Sequence[tuple[str, str]]) -> list[Runs]:
    """A field is what is counted, the kind of child and the kind of task, with colons between them and perhaps in the last."""
    values = dict(fields)
    places = sorted(name.removeprefix("attempts:") for name in values if name.startswith("attempts:"))
    return [_runs(queue, place, values) for place in places]


def _runs(queue: str, place: str, values: Mapping[str, str]) -> Runs:
    executor, _, kind = place.partition(":")
    microseconds = int(values.get(f"us:{place}", "0"))
    return Runs(queue, Executor(executor), kind, int(values[f"attempts:{place}"]), microseconds / 1e6)
