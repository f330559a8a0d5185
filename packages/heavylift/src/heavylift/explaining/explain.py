"""Why has a task not started? What is in the way, since when, and when it will probably be over. Pure."""

from datetime import datetime, timedelta
from typing import Final

from heavylift.explaining.estimating import estimated
from heavylift.explaining.explanation import Explanation, Obstacle
from heavylift.explaining.sentences import sentence
from heavylift.history import PastAttempt
from heavylift.state import State
from heavylift.store.calls import Outlook, PoolDecision, Scaling, ScalingReport

UNSCALED: Final = Scaling(None, {})  #: Nobody has decided anything, or it is no matter.
FRESH: Final = timedelta(seconds=30)  #: After which a decision of the autoscaler says nothing any more: it decides once a second.
_WAITING: Final = (State.SCHEDULED, State.QUEUED)


def needs_history(outlook: Outlook) -> bool:
    """Whether an attempt before this one has to do with it."""
    return outlook.record.attempt > 1


def needs_scaling(outlook: Outlook) -> bool:
    """Whether the number of workers has to do with it."""
    return outlook.record.state in _WAITING


def explain(outlook: Outlook, last: PastAttempt | None, scaling: Scaling) -> Explanation:
    """The answer, from what is known. ``last`` is the attempt before, None for the first or where it is not needed."""
    record = outlook.record
    report = _report(outlook, scaling)
    pool = next((decision for decision in report.decisions if record.queue in decision.queues), None) if report else None
    unserved = report.unserved.get(record.queue) if report else None
    waits_for = _obstacle(outlook, pool)
    waiting = waits_for is not None
    return Explanation(
        id=record.id,
        state=record.state,
        waits_for=waits_for,
        reason=sentence(outlook, waits_for, last, pool),
        since=_since(outlook, waits_for, last),
        ahead=outlook.ahead if waiting else None,
        workers=outlook.reading - outlook.resting if waiting else None,
        scaling=pool.reason if pool else unserved,
        pause=outlook.pause if waiting else None,
        estimate=estimated(outlook, waits_for, pool),
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


def _since(outlook: Outlook, waits_for: Obstacle | None, last: PastAttempt | None) -> datetime:
    record = outlook.record
    if waits_for is Obstacle.PAUSED and outlook.pause and record.queued_at:
        return max(record.queued_at, outlook.pause.since)
    if waits_for is Obstacle.RETRY and last is not None:
        return last.ended_at
    moments = {State.QUEUED: record.queued_at, State.RUNNING: record.started_at, State.SCHEDULED: None}
    return moments.get(record.state, record.ended_at) or record.submitted_at
