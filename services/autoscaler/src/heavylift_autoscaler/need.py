"""The need of one kind of child, in slots, and which of the two reasons for it is the greater."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from heavylift_autoscaler.capacity import Capacity, slots_to_start
from heavylift_autoscaler.demand import Demand
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.waiting_line import steady_slots

TICK: Final = 1.0  # seconds between two decisions: what is to be done sooner than the next is to be done now
AIM: Final = 0.8  # of the promise is what is planned with: pods start later than they did before, and tasks run longer
SOONEST: Final = 0.25  # of the promise is the least time in which new pods are to work off what waits. When the promise cannot be
#                        kept any more, to hurry more takes many pods that have nothing to do as soon as they are there


class Cause(StrEnum):
    """Why slots are needed."""

    ARRIVALS = "arrivals"  #: What comes in keeps them busy.
    BACKLOG = "backlog"  #: What waits would wait too long.
    NOTHING = "nothing"  #: They are not.


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Slots, and why. ``would_wait``: seconds that the unluckiest of the tasks would wait with the pods that there are."""

    slots: float
    cause: Cause
    would_wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """The need of one kind of child, of which a pod has so many ``slots``."""

    demand: Demand
    need: Need
    slots: int

    @property
    def pods(self) -> float:
        """Pods that it takes, not rounded."""
        return self.need.slots / self.slots


def need(demand: Demand, capacity: Capacity, promise: Promise, startup: float) -> Need:
    """Slots for what comes in and for what waits; the greater number counts."""
    steady = steady_slots(demand.offered, demand.usual, promise.wait, promise.utilisation)
    backlog = _for_backlog(demand, capacity, promise, startup)
    return Need(slots=max(steady, backlog), cause=_cause(steady, backlog), would_wait=_longest_wait(demand, capacity))


def _for_backlog(demand: Demand, capacity: Capacity, promise: Promise, startup: float) -> float:
    """Slots with which what waits is started within the promise: the whole queue, and each part of it that has waited longer."""
    soonest = startup + max(SOONEST * promise.wait, TICK)
    return max(
        _slots_for(tasks, demand.seconds, capacity, max(AIM * promise.wait - age, soonest), startup)
        for tasks, age in _parts(demand)
    )


def _slots_for(tasks: float, seconds: float, capacity: Capacity, until: float, startup: float) -> float:
    """What is there and what is on its way does what it can until then, in seconds from now.

    When that is not enough, the rest is for pods that are ordered now and have only the time after their start-up.
    """
    if not tasks:
        return 0.0
    missing = tasks - capacity.starts(until, seconds)
    if missing <= 0:
        return min(capacity.slots, capacity.stuck + slots_to_start(tasks, capacity.busy, seconds, until))
    return capacity.slots + missing / (1 + (until - startup) / seconds)


def _longest_wait(demand: Demand, capacity: Capacity) -> float:
    return max((age + capacity.last_start(tasks, demand.seconds) for tasks, age in _parts(demand) if tasks), default=0.0)


def _parts(demand: Demand) -> list[tuple[float, float]]:
    """For each part from the front of the queue: how many tasks it has, and how long its last has waited. What comes is last."""
    return [(share * demand.waiting + (demand.coming if share == 1 else 0), age) for share, age in demand.ages]


def _cause(steady: float, backlog: float) -> Cause:
    if steady == backlog == 0:
        return Cause.NOTHING
    return Cause.ARRIVALS if steady >= backlog else Cause.BACKLOG
