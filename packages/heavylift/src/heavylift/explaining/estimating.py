"""When a task that waits will probably start. Pure."""

from datetime import datetime, timedelta
from typing import Final

from heavylift.explaining.explanation import Estimate, Obstacle
from heavylift.explaining.sentences import tasks
from heavylift.store.calls import Outlook, PoolDecision

_TIMED: Final = (Obstacle.DELAY, Obstacle.RETRY)


def estimated(outlook: Outlook, waits_for: Obstacle | None, pool: PoolDecision | None) -> Estimate | None:
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
    basis = f"{tasks(outlook.ahead, verb=False)} ahead, {slots} at a time, {outlook.mean:.2g} s each on average"
    return Estimate(starts_at=max(begin, outlook.at + pause), basis=when + basis)


def _earliest(outlook: Outlook, waits_for: Obstacle) -> tuple[datetime, str]:
    """Before what it will not start whoever is free, and what that is."""
    due = outlook.record.due_at if waits_for in _TIMED else None
    ends = outlook.pause.ends_at if outlook.pause else None
    begin = max(moment for moment in (outlook.at, due, ends) if moment)
    if begin == ends:
        return begin, "the pause of its queue ends then, and "
    return begin, "it is due then, and " if begin == due else ""
