"""What a child's guardian needs to know of many tasks, told together.

A fact for each start and each end of a tiny task would cost the two processes as much as the task itself. The guardian counts and
measures, so it gets the numbers; the lines of the log and the spans are made in the child.
"""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from heavylift.telemetry import AttemptEnded, Event, Result, Started, TasksSucceeded
from heavylift.worker.reports import Reports

LARGEST: Final = 256  # successes in one fact


@dataclass(slots=True)
class _Successes:
    durations: list[float] = field(default_factory=list)
    since_submits: list[float] = field(default_factory=list)
    traceparent: str = ""


class Digest:
    """Hears every fact of a child and passes on what the guardian needs, successes in sums.

    While ``reports.in_detail`` is set each start and each end is passed on by itself, as those who follow events want it.
    """

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._lock = threading.Lock()
        self._successes: defaultdict[tuple[str, str], _Successes] = defaultdict(_Successes)

    def __call__(self, event: Event) -> None:
        """Hear a fact."""
        match event:
            case AttemptEnded(result=Result.SUCCESS, committed=True) if not self._reports.in_detail:
                self._sum(event)
            case Started() if not self._reports.in_detail:
                pass  # how long it waited was told when it was claimed
            case Started():
                self._reports.gather(event)
                self._reports.send()  # it may run for hours until the next turn
            case _:
                self._reports.gather(event)

    def send(self) -> None:
        """Pass on what was summed up, and send all that was gathered."""
        with self._lock:
            successes, self._successes = self._successes, defaultdict(_Successes)
        for (kind, queue), of in successes.items():
            for i in range(0, len(of.durations), LARGEST):
                durations, since = of.durations[i : i + LARGEST], of.since_submits[i : i + LARGEST]
                self._reports.gather(
                    TasksSucceeded(
                        kind=kind,
                        queue=queue,
                        durations=tuple(durations),
                        since_submits=tuple(since),
                        traceparent=of.traceparent,
                    )
                )
        self._reports.send()

    def _sum(self, event: AttemptEnded) -> None:
        with self._lock:
            of = self._successes[event.kind, event.queue]
            of.durations.append(round(event.duration, 6))
            of.since_submits.append(round(event.since_submit, 6))
            of.traceparent = event.traceparent
