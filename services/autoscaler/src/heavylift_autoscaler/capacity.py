"""How many tasks some slots start in some time, and how long the last of a backlog waits for them.

A free slot starts one task at once and the next whenever one has ended: ``1 + t/S`` in ``t`` seconds when a task runs ``S``
seconds. A busy slot starts ``t/S``: what runs in it has on average ``S`` to go when run times vary as chance would have it, and
less when they do not, so this errs to the safe side. Where ``S`` is small beside ``t``, both become the ``t/S`` of the textbook;
where it is large, a task needs a slot of its own and no more than one, which ``backlog · S / t`` overstates by ``S/t``.
"""

import math
from dataclasses import dataclass

from heavylift_autoscaler.fleet import Fleet


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Slots: ``free`` and ``busy`` ones, ``stuck`` ones whose task will not end soon, and ``starting`` ones.

    Those that are starting will be there in ``starting_in`` seconds.
    """

    free: float = 0.0
    busy: float = 0.0
    stuck: float = 0.0
    starting: float = 0.0
    starting_in: float = 0.0

    @property
    def slots(self) -> float:
        """All of them."""
        return self.free + self.busy + self.stuck + self.starting

    def starts(self, within: float, seconds: float) -> float:
        """Tasks of ``seconds`` that are started ``within`` so many seconds."""
        if within < 0:
            return 0.0
        late = max(0.0, within - self.starting_in)
        there = self.busy * within / seconds + self.free * (1 + within / seconds)
        return there + (self.starting * (1 + late / seconds) if within >= self.starting_in else 0.0)

    def last_start(self, tasks: float, seconds: float) -> float:
        """Seconds until the last of so many tasks is started; infinite when nobody ever does."""
        if tasks <= self.free:
            return 0.0
        there = self.free + self.busy
        alone = (tasks - self.free) * seconds / there if there else math.inf
        if alone <= self.starting_in or not self.starting:
            return alone
        left = tasks - self.starts(self.starting_in, seconds)
        return self.starting_in + max(0.0, left) * seconds / (there + self.starting)


def capacity_of(fleet: Fleet, slots: int, running: int, stuck: float) -> Capacity:
    """What the pods of a fleet can do, with so many slots each."""
    there = fleet.ready * slots
    share = fleet.ready / (fleet.ready + fleet.leaving) if fleet.ready else 0.0  # of what runs; which pod runs what is not known
    busy = min(running * share, there)
    stuck = min(stuck, busy)
    return Capacity(
        free=there - busy, busy=busy - stuck, stuck=stuck, starting=fleet.starting * slots, starting_in=fleet.ready_in
    )


def slots_to_start(tasks: float, running: float, seconds: float, within: float) -> float:
    """The least slots, ``running`` of them busy, that start so many tasks ``within`` so many seconds. All are there already.

    Of ``n`` slots the busy ones start ``running · t/S`` and the others ``(n - running) · (1 + t/S)``; solved for ``n``.
    """
    return (running + tasks) * seconds / (seconds + within)
