"""What one kind of child of a pool has before it, put together of the lines that it reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from heavylift.record import Executor
from heavylift.store.calls import Foreseen, Line, WorkloadReply
from heavylift_autoscaler.arrivals import SHARES, Arrivals
from heavylift_autoscaler.run_times import RunTimes

NOW: Final = tuple((share, 0.0) for share in SHARES)
LEAST: Final = 0.001  # seconds that a task takes its slot: to claim and to complete it is work, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Tasks, and how long they run.

    ``waiting`` are ready, ``coming`` will be within the start-up of a pod, ``planned`` of them because schedules come from
    ``planned_at`` on, ``running`` are in hand, ``stuck`` of them for far
    longer than usual. Of ``paused`` queues only what runs is counted: ``held`` tasks are ready there, and no pod helps them.
    ``ages``: for some shares of what waits, how many seconds the last of them has waited. ``seconds`` is the mean run of what
    waits and comes. Of tasks that run ``usual`` seconds ``rate`` come per second, None where that is not known yet; ``offered``
    slots are kept busy by those of them that are not chance. Where nothing ever ran, all this is ``guessed``.
    """

    waiting: int = 0
    coming: int = 0
    running: int = 0
    stuck: float = 0.0
    ages: Sequence[tuple[float, float]] = NOW
    seconds: float = 1.0
    usual: float = 1.0
    rate: float | None = None
    offered: float = 0.0
    guessed: bool = False
    paused: tuple[str, ...] = ()
    held: int = 0
    planned: int = 0
    planned_at: datetime | None = None


def demand_of(
    every: Sequence[Line],
    arrivals: Arrivals,
    times: RunTimes,
    foreseen: Sequence[Foreseen] = (),
    paused: Collection[str] = (),
) -> Demand:
    """All lines and foreseen tasks that one kind of child is to run."""
    lines = [line for line in every if line.queue not in paused]
    foreseen = [f for f in foreseen if f.queue not in paused]
    held = [line for line in every if line.queue in paused]
    flows = [_flow(line, arrivals, times) for line in lines]
    known = [flow for flow in flows if flow is not None]
    return Demand(
        waiting=sum(line.ready for line in lines),
        coming=sum(line.due_soon for line in lines) + sum(f.tasks for f in foreseen),
        running=sum(line.running for line in every),
        stuck=sum(arrivals.stuck(_name(line), times.of_line(line)) for line in every),
        ages=_ages([line for line in lines if line.ready], arrivals),
        seconds=_mean([*_waiting(lines, arrivals, times), *_foreseen(foreseen, times)]),
        usual=_mean([(flow.rate, flow.seconds) for flow in known]),
        rate=sum(flow.rate for flow in known) if known or not lines else None,
        offered=sum(flow.offered for flow in known),
        guessed=not any(times.knows(line) for line in lines),
        paused=tuple(sorted({line.queue for line in held})),
        held=sum(line.ready for line in held),
        planned=sum(f.tasks for f in foreseen),
        planned_at=min((f.at for f in foreseen), default=None),
    )


def with_idle_lines(reply: WorkloadReply) -> tuple[Line, ...]:
    """The lines of a reply, and those that have nothing at this moment and had something before."""
    told = {(line.queue, line.executor) for line in reply.lines}
    idle = sorted({(runs.queue, runs.executor) for runs in reply.runs} - told)
    return (*reply.lines, *(Line(queue, executor, 0, 0) for queue, executor in idle))


Weighed = tuple[float, float]  #: A number of tasks, and the seconds that one of them runs.


@dataclass(frozen=True, slots=True)
class _Flow:
    rate: float
    seconds: float
    offered: float


def _flow(line: Line, arrivals: Arrivals, times: RunTimes) -> _Flow | None:
    """Little's law: what comes per second times what each takes is how many slots are busy."""
    seconds, least = times.of_line(line), arrivals.least_run_time(_name(line))
    rate = arrivals.rate(_name(line), max(seconds, least))
    if rate is None:
        return None
    return _Flow(rate.usual, max(seconds, least), rate.certain * max(seconds * times.certain(line), least))


def _ages(lines: Sequence[Line], arrivals: Arrivals) -> Sequence[tuple[float, float]]:
    """Of several lines the longest wait counts."""
    each = [arrivals.ages(line) for line in lines]
    return [(share, max((ages[i] for ages in each), default=0.0)) for i, share in enumerate(SHARES)]


def _waiting(lines: Sequence[Line], arrivals: Arrivals, times: RunTimes) -> list[Weighed]:
    return [(line.ready + line.due_soon, times.of_waiting(line, arrivals.least_run_time(_name(line)))) for line in lines]


def _foreseen(foreseen: Sequence[Foreseen], times: RunTimes) -> list[Weighed]:
    return [(f.tasks, times.of_kind((f.queue, f.executor, f.kind))) for f in foreseen]


def _mean(several: Sequence[Weighed]) -> float:
    total = sum(weight for weight, _ in several)
    if total <= 0:
        return max((LEAST, *(seconds for _, seconds in several))) if several else 1.0
    return max(LEAST, sum(weight * seconds for weight, seconds in several) / total)


def _name(line: Line) -> tuple[str, Executor]:
    return line.queue, line.executor
