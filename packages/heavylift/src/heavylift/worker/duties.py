"""What a guardian does all the time: the duties, a thread each."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from heavylift.celery.tasks import kinds_of
from heavylift.objects import Storage
from heavylift.retry import NEVER
from heavylift.settings import WorkerSettings
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter, Subscriber
from heavylift.worker.child import Upbringing
from heavylift.worker.dismissal import Dismissal
from heavylift.worker.handover import Handover
from heavylift.worker.leases import LeaseKeeper
from heavylift.worker.loop import Loop
from heavylift.worker.nursery import Nursery
from heavylift.worker.object_sweep import ObjectSweep
from heavylift.worker.oom import OomWatch
from heavylift.worker.partings import Partings
from heavylift.worker.reports import Reports
from heavylift.worker.run_totals import RunTotals
from heavylift.worker.seating import Seating
from heavylift.worker.seats import Seats
from heavylift.worker.stops import Stops
from heavylift.worker.supervisor import Supervisor
from heavylift.worker.upkeep import Upkeep
from heavylift.worker.warden import Bounds, Warden


@dataclass(frozen=True, slots=True)
class Duties:
    """The threads of a guardian, in the order in which they begin; they end in the reverse."""

    supervisor: Supervisor
    reports: Reports
    loops: tuple[Loop, ...]

    @classmethod
    def of(
        cls,
        upbringing: Upbringing,
        *,
        seating: Seating,
        queues: Mapping[str, int],
        nursery: Nursery,
        store: RedisStore,
        reporter: Reporter,
        hear: Subscriber,
        send_events: Callable[[], float],
        run_totals: RunTotals,
        on_collapse: Callable[[], None],
    ) -> Self:
        """The duties of a guardian whose children have this upbringing. ``hear`` gets the facts that children report.

        ``send_events`` is the body of a duty.
        """
        supervisor = _make_supervisor(upbringing, seating, queues, nursery, store, reporter, on_collapse)
        upkeep = _make_upkeep(upbringing, store, reporter)
        bodies = {
            "events": send_events,
            "runs": lambda: run_totals.tell(store),
            "reports": lambda: upbringing.reports.receive(hear, within=0.5),
            "publish": upkeep.publish,
            "promote": upkeep.promote,
            "reap": upkeep.reap,
            "sweep": upkeep.sweep,
            **_object_sweep(upbringing, store, reporter),
            "leases": _make_lease_keeper(upbringing, supervisor).keep,
            "supervisor": supervisor.attend,
        }
        return cls(supervisor, upbringing.reports, tuple(Loop(name, body, reporter) for name, body in bodies.items()))

    def start(self) -> None:
        """Begin all of them."""
        for loop in self.loops:
            loop.start()

    def stop(self, *, within: float) -> None:
        """End all of them, without waiting for news that will not come, in ``within`` seconds if Redis lets them."""
        for loop in self.loops:
            loop.halt()
        self.supervisor.wake()
        self.reports.wake()
        deadline = time.monotonic() + within
        for loop in reversed(self.loops):
            loop.stop(within=max(0.0, deadline - time.monotonic()))


def _make_supervisor(
    upbringing: Upbringing,
    seating: Seating,
    queues: Mapping[str, int],
    nursery: Nursery,
    store: RedisStore,
    reporter: Reporter,
    on_collapse: Callable[[], None],
) -> Supervisor:
    seats = Seats(seating, hostname=upbringing.hostname)
    dismissal = Dismissal(nursery, seats)
    handover, oom = _make_handover(upbringing, store, reporter), OomWatch.of_this_process()
    stops = Stops(grace=upbringing.settings.cancel_grace)
    return Supervisor(
        nursery=nursery,
        slots=upbringing.slots,
        store=store,
        reporter=reporter,
        handover=handover,
        partings=Partings(seats, upbringing.slots, handover, oom, reporter),
        oom=oom,
        seats=seats,
        dismissal=dismissal,
        stops=stops,
        warden=Warden(seats, upbringing.slots, dismissal, stops, _bounds(upbringing.settings)),
        queues=queues,
        seating=seating,
        lease=upbringing.settings.lease,
        on_collapse=on_collapse,
    )


def _make_lease_keeper(upbringing: Upbringing, supervisor: Supervisor) -> LeaseKeeper:
    return LeaseKeeper(
        store=supervisor.store,
        reporter=supervisor.reporter,
        seats=supervisor.seats,
        slots=supervisor.slots,
        switchboard=upbringing.switchboard,
        stops=supervisor.stops,
        lease=supervisor.lease,
    )


def _bounds(settings: WorkerSettings) -> Bounds:
    return Bounds(settings.max_memory_per_child, settings.recycle_above, settings.recycle_after)


def _make_handover(upbringing: Upbringing, store: RedisStore, reporter: Reporter) -> Handover:
    policies = {kind.name: kind.retry for kind in kinds_of(upbringing.app)}
    return Handover(
        store,
        reporter,
        max_deliveries=upbringing.settings.max_deliveries,
        policy_of=lambda kind: policies.get(kind, NEVER),
    )


def _object_sweep(upbringing: Upbringing, store: RedisStore, reporter: Reporter) -> dict[str, Callable[[], float]]:
    if upbringing.objects.url is None:
        return {}
    return {"objects": ObjectSweep(Storage(upbringing.objects), store, reporter).sweep}


def _make_upkeep(upbringing: Upbringing, store: RedisStore, reporter: Reporter) -> Upkeep:
    return Upkeep(
        store,
        reporter,
        kinds=kinds_of(upbringing.app),
        lease=upbringing.settings.lease,
        max_deliveries=upbringing.settings.max_deliveries,
    )
