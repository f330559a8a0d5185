"""Why has my task not started? What is in the way, since when, and when it will probably be over."""

from datetime import datetime, timedelta
from typing import Final

from heavylift.history import PastAttempt
from heavylift.state import State
from heavylift.store.calls import LookAhead, Outlook, PoolDecision, ReadHistory, ReadScaling, Scaling, ScalingReport
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.observe import existing
from heavylift_api.queue_shapes import QueuePauseView
from heavylift_api.why_shapes import Estimate, Obstacle, Why

_WAITING: Final = (State.SCHEDULED, State.QUEUED)
_TIMED: Final = (Obstacle.DELAY, Obstacle.RETRY)
FRESH: Final = timedelta(seconds=30)  #: After which a decision of the autoscaler says nothing any more: it decides once a second.


class Explainer:
    """Explains where tasks are."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def explain(self, caller: Caller, id_: str) -> Why:
        """Why a task is where it is. Raises TaskNotFound."""
        async with self._store.deadline():
            outlook = existing(id_, await self._store.run(LookAhead(id_, caller.reach)))
            history = await self._store.run(ReadHistory(id_)) if outlook.record.attempt > 1 else ()
            scaling = await self._scaling() if outlook.record.state in _WAITING else Scaling(None, {})
        return explanation(outlook, history[-1] if history else None, scaling)

    async def _scaling(self) -> Scaling:
        return await self._store.run(ReadScaling())


def explanation(outlook: Outlook, last: PastAttempt | None, scaling: Scaling) -> Why:
    """The answer, from what is known. ``last`` is the attempt before, None for the first. Pure."""
    record = outlook.record
    report = _report(outlook, scaling)
    pool = next((decision for decision in report.decisions if record.queue in decision.queues), None) if report else None
    unserved = report.unserved.get(record.queue) if report else None
    waits_for = _obstacle(outlook, pool)
    waiting = waits_for is not None
    return Why(
        id=record.id,
        state=record.state,
        waits_for=waits_for,
        reason=_reason(outlook, waits_for, last, pool),
        since=_since(outlook, waits_for, last),
        ahead=outlook.ahead if waiting else None,
        workers=outlook.reading - outlook.resting if waiting else None,
        scaling=pool.reason if pool else unserved,
        pause=QueuePauseView.of(outlook.pause) if outlook.pause and waiting else None,
        estimate=_estimate(outlook, waits_for, pool),
    )


def _report(outlook: Outlook, scaling: Scaling) -> ScalingReport | None:
    """What was just decided, where anybody decides."""
    report = scaling.report
    is_fresh = report is not None and report.at is not None and outlook.at - report.at <= FRESH
    return report if is_fresh else None


def _obstacle(outlook: Outlook, pool: PoolDecision | None) -> Obstacle | None:
    record = outlook.record
    if record.state is State.SCHEDULED:
        return Obstacle.RETRY if record.attempt > 1 else Obstacle.DELAY
    if record.state is not State.QUEUED:
        return None
    if outlook.pause:
        return Obstacle.PAUSED
    if outlook.resting == outlook.reading and pool and pool.target > pool.ready:
        return Obstacle.SCALING
    if not outlook.reading:
        return Obstacle.NO_WORKER
    if outlook.resting == outlook.reading:
        return Obstacle.WORKERS_RESTING
    return Obstacle.TURN if outlook.ahead else Obstacle.NEXT


def _reason(outlook: Outlook, waits_for: Obstacle | None, last: PastAttempt | None, pool: PoolDecision | None) -> str:
    record, such = outlook.record, f"tasks of the queue {outlook.record.queue} for children of kind {outlook.record.executor}"
    match waits_for:
        case Obstacle.DELAY:
            return f"It was submitted for a later time, which has not come{_and_paused(outlook)}."
        case Obstacle.RETRY:
            failed = f"Attempt {record.attempt - 1} failed{_of(last)}"
            return f"{failed}; attempt {record.attempt} follows after a pause{_and_paused(outlook)}."
        case Obstacle.PAUSED:
            return f"The queue {record.queue} is paused{_by(outlook)}."
        case Obstacle.NO_WORKER:
            return f"No worker takes {such} now: start one, or scale up the pool that serves it."
        case Obstacle.SCALING:
            return f"Its workers are on their way: {pool.reason if pool else ''}."
        case Obstacle.WORKERS_RESTING:
            return f"All workers that take {such} are about to leave, and take nothing more."
        case Obstacle.TURN:
            return f"{_tasks(outlook.ahead)} ahead of it in the queue {record.queue}, and {outlook.running} run."
        case Obstacle.NEXT:
            return f"It is the next of the queue {record.queue}; {outlook.running} run, and a worker that is free takes it."
    if record.state is State.RUNNING:
        return f"Attempt {record.attempt} runs on {record.worker}" + (
            ", and was asked to end." if record.cancel_requested else "."
        )
    return f"It has ended as {record.state}" + (f", {record.reason}." if record.reason else ".")


def _since(outlook: Outlook, waits_for: Obstacle | None, last: PastAttempt | None) -> datetime:
    record = outlook.record
    if waits_for is Obstacle.PAUSED and outlook.pause and record.queued_at:
        return max(record.queued_at, outlook.pause.since)
    if waits_for is Obstacle.RETRY and last is not None:
        return last.ended_at
    moments = {State.QUEUED: record.queued_at, State.RUNNING: record.started_at, State.SCHEDULED: None}
    return moments.get(record.state, record.ended_at) or record.submitted_at


def _estimate(outlook: Outlook, waits_for: Obstacle | None, pool: PoolDecision | None) -> Estimate | None:
    """Those ahead, so many at a time as run now or could, each for as long as such tasks take on average."""
    free = outlook.reading - outlook.resting
    if waits_for is Obstacle.SCALING and pool:
        starts_at = outlook.at + timedelta(seconds=pool.startup)
        return Estimate(starts_at=starts_at, basis=f"a new worker begins its first task after about {pool.startup:.0f} s")
    if waits_for is None or not free or (outlook.pause and not outlook.pause.ends_at):
        return None
    begin, when = _earliest(outlook, waits_for)
    if not outlook.ahead:
        return Estimate(starts_at=begin, basis=f"{when}nothing is ahead of it")
    if outlook.mean is None:
        return None
    slots = max(outlook.running, free)
    pause = timedelta(seconds=outlook.ahead * outlook.mean / slots)
    basis = f"{_tasks(outlook.ahead, verb=False)} ahead, {slots} at a time, {outlook.mean:.2g} s each on average"
    return Estimate(starts_at=max(begin, outlook.at + pause), basis=when + basis)


def _earliest(outlook: Outlook, waits_for: Obstacle) -> tuple[datetime, str]:
    """Before what it will not start whoever is free, and what that is."""
    due = outlook.record.due_at if waits_for in _TIMED else None
    ends = outlook.pause.ends_at if outlook.pause else None
    begin = max(moment for moment in (outlook.at, due, ends) if moment)
    if begin == ends:
        return begin, "the pause of its queue ends then, and "
    return begin, "it is due then, and " if begin == due else ""


def _by(outlook: Outlook) -> str:
    pause = outlook.pause
    if pause is None:
        return ""
    by = f" by the key {pause.by}" if pause.by else ""
    until = f" until {pause.ends_at:%Y-%m-%dT%H:%M:%SZ}" if pause.ends_at else " until somebody resumes it"
    return f"{by} since {pause.since:%Y-%m-%dT%H:%M:%SZ}{until}{f': {pause.reason}' if pause.reason else ''}"


def _and_paused(outlook: Outlook) -> str:
    return ", and its queue is paused" if outlook.pause else ""


def _of(last: PastAttempt | None) -> str:
    if last is None or not last.error_type:
        return ""
    return f" with {last.error_type}" + (f": {last.message}" if last.message else "")


def _tasks(number: int, *, verb: bool = True) -> str:
    many = "at least 1000" if number >= 1000 else str(number)
    return f"{many} task{'' if number == 1 else 's'}" + ((" is" if number == 1 else " are") if verb else "")
