"""What was decided last, by whichever replica acts: every replica can be asked, and none tells what is old."""

import math
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from heavylift.errors import StoreUnavailable
from heavylift.store.calls import PoolDecision, ReadScaling, ScalingMode
from heavylift.store.redis import RedisStore
from heavylift_autoscaler.recommendation import Rule

STALE: Final = 5.0  # seconds: nobody has decided anything for several ticks

#: Conditions under which nobody knows how many pods there are.
_SILENT: Final = ("api", "missing")


class Told:
    """Looks into the store every ``tick`` seconds.

    A report is new when its time is another than at the look before, so that neither the store's clock nor ours need be right.
    One that was there at the first look may be of yesterday.
    """

    def __init__(
        self, store: RedisStore, pools: Collection[str], *, tick: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._pools = frozenset(pools)
        self._tick = tick
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="heavylift-told", daemon=True)
        self._at: datetime | None = None
        self._new_at = -math.inf
        self._decisions: dict[str, PoolDecision] = {}

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def recommended(self, pool: str) -> int | None:
        """How many pods that pool should have, None when that is not known now: what is recommended, or what somebody wants.

        Raises KeyError for one that is not there.
        """
        if pool not in self._pools:
            raise KeyError(pool)
        decision = self._decisions.get(pool)
        fresh = self._clock() - self._new_at <= STALE
        return decision.target if decision and fresh and _is_known(decision) else None

    def look(self) -> None:
        """Look once. A store that cannot be reached makes what is known grow old."""
        try:
            report = self._store.run(ReadScaling()).report
        except StoreUnavailable:
            return
        if report is None or report.at == self._at:
            return
        if self._at is not None:
            self._new_at = self._clock()
        self._at, self._decisions = report.at, {decision.pool: decision for decision in report.decisions}

    def _follow(self) -> None:
        while not self._over.wait(self._tick):
            self.look()


def _is_known(decision: PoolDecision) -> bool:
    """Whether the number is advice: where the store or the cluster were silent it stands for what there was, or for nothing."""
    silent = any(condition.type in _SILENT for condition in decision.conditions)
    return decision.mode is ScalingMode.ADVISING and decision.rule != Rule.UNKNOWN and not silent
