"""The loop: once a second it looks at the store and the cluster, decides for each pool, and acts if it leads."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from heavylift.store.calls import PoolDecision, ScalingReport, WorkloadReply
from heavylift.telemetry import Reporter
from heavylift_autoscaler.cluster.api import Api
from heavylift_autoscaler.cluster.election import Election
from heavylift_autoscaler.cluster.hands import Hands
from heavylift_autoscaler.cluster.herald import Herald
from heavylift_autoscaler.cluster.resources import Object
from heavylift_autoscaler.cluster.view import View
from heavylift_autoscaler.news import News
from heavylift_autoscaler.pool_keeper import PoolKeeper
from heavylift_autoscaler.settings import AutoscalerSettings
from heavylift_autoscaler.store_side import StoreSide
from heavylift_autoscaler.unserved import unserved

logger = logging.getLogger(__name__)

PATIENCE: Final = 5.0  # seconds at the start for the first look at the cluster, before it counts as silent
STALLED: Final = 30.0  # seconds without a round after which this process is no use any more


class Controller:
    """All pools of one installation. ``run`` returns when ``stop`` was called, with the Lease given back."""

    def __init__(
        self,
        settings: AutoscalerSettings,
        api: Api,
        election: Election,
        store: StoreSide,
        reporter: Reporter,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._election = election
        self._store = store
        self._clock = clock
        self._view = View(api, selector=settings.pod_selector)
        self._herald = Herald(api, identity=election.identity)
        self._news = News(reporter, self._herald)
        hands = Hands(api, election)
        self._keepers = [PoolKeeper(pool, settings, api.namespace, hands, store.rest) for pool in settings.pools]
        self._stop = threading.Event()
        self._last_round = clock()

    def run(self) -> None:
        """Begin, and go on until ``stop``."""
        for part in (self._view, self._herald, self._election):
            part.start()
        self._await_first_look()
        while not self._stop.is_set():
            began = self._clock()
            self._once(began)
            self._stop.wait(max(0.0, began + self._settings.tick - self._clock()))
        self._election.release()
        self._view.stop()
        self._herald.stop()

    def _once(self, now: float) -> None:
        """A round that fails unforeseen is told of and is no end: the next may be better, and the probes count."""
        try:
            self.round(now)
            self._last_round = now
        except Exception:
            logger.exception("a round failed")

    def stop(self) -> None:
        """End after the round that is under way. Safe in a signal handler."""
        self._stop.set()

    def round(self, now: float) -> None:
        """Look, decide, act, tell."""
        reply = self._store.look(max(keeper.roster.startup.seconds for keeper in self._keepers))
        if reply is not None:
            for keeper in self._keepers:
                keeper.recommender.learn(now, reply)
        leads = self._election.leads
        decided = [self._keep(keeper, now, leads=leads) for keeper in self._keepers]
        if leads or self._led_last():
            self._tell(reply, decided)

    def faults(self) -> Sequence[str]:
        """Why this replica is not ready, in sentences. One that waits for its turn is ready."""
        stalled = self._clock() - self._last_round
        found = [f"no round was finished for {stalled:.0f} s"] if stalled > STALLED else []
        return [*found, *filter(None, (self._view.trouble, self._election.trouble))]

    def _keep(self, keeper: PoolKeeper, now: float, *, leads: bool) -> tuple[PoolDecision, Object | None]:
        scene = self._view.of(keeper.pool.deployment)
        if not leads:
            scene = replace(scene, trouble=scene.trouble or self._election.trouble)
        steering = self._store.steering.get(keeper.pool.name)
        return keeper.keep(now, scene, steering=steering, unknown="", leads=leads), scene.item

    def _tell(self, reply: WorkloadReply | None, decided: Sequence[tuple[PoolDecision, Object | None]]) -> None:
        for decision, about in decided:
            self._news.decided(decision, about)
        left = unserved(reply, [keeper.recommender.promise for keeper in self._keepers]) if reply else {}
        if reply is not None:
            self._news.unserved(left, next((about for _, about in decided if about is not None), None))
        decisions = tuple(decision for decision, _ in decided)
        self._store.tell(ScalingReport(self._election.identity, decisions, left, engine=self._settings.engine))

    def _led_last(self) -> bool:
        """Whether nobody else is known to act: when the API server is gone, somebody has to say so."""
        return bool(self._election.trouble) and self._election.holder == self._election.identity

    def _await_first_look(self) -> None:
        deadline = self._clock() + PATIENCE
        while self._view.trouble and self._clock() < deadline and not self._stop.wait(0.02):
            pass
