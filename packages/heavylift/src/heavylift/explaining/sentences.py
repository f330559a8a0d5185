"""What is in the way of a task, in a sentence. Pure."""

from heavylift.explaining.explanation import Obstacle
from heavylift.history import PastAttempt
from heavylift.state import State
from heavylift.store.calls import Outlook, PoolDecision


def sentence(outlook: Outlook, waits_for: Obstacle | None, last: PastAttempt | None, pool: PoolDecision | None) -> str:
    """``last`` is the attempt before; ``pool`` what was just decided of the workers."""
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
            return f"{tasks(outlook.ahead)} ahead of it in the queue {record.queue}, and {outlook.running} run."
        case Obstacle.NEXT:
            return f"It is the next of the queue {record.queue}; {outlook.running} run, and a worker that is free takes it."
    if record.state is State.RUNNING:
        return f"Attempt {record.attempt} runs on {record.worker}" + (
            ", and was asked to end." if record.cancel_requested else "."
        )
    return f"It has ended as {record.state}" + (f", {record.reason}." if record.reason else ".")


def tasks(number: int, *, verb: bool = True) -> str:
    """So many, as words."""
    many = "at least 1000" if number >= 1000 else str(number)
    return f"{many} task{'' if number == 1 else 's'}" + ((" is" if number == 1 else " are") if verb else "")


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
