"""An autoscaler in threads of a test, with a real store and the API of tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from heavylift.store.redis import RedisStore
from heavylift.telemetry import Event, Reporter
from heavylift_autoscaler.cluster.api import Api
from heavylift_autoscaler.cluster.election import Election
from heavylift_autoscaler.controller import Controller
from heavylift_autoscaler.settings import AutoscalerSettings, Pool
from heavylift_autoscaler.store_side import StoreSide
from tests.support.kubernetes_api import NAMESPACE

POOL = {"name": "web", "deployment": "workers", "slots": {"process": 1}, "calm": 0.0, "maximum": 10}


@dataclass
class Replica:
    """One replica, and what it has reported."""

    controller: Controller
    election: Election
    events: list[Event]

    def told(self, kind: type[Event]) -> list[Any]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]


@contextmanager
def autoscaler(configuration: Any, store: RedisStore, *, identity: str = "one", **settings: Any) -> Iterator[Replica]:
    """One replica that runs, ten rounds a second."""
    pools = settings.pop("pools", [POOL | settings.pop("pool", {})])
    chosen = AutoscalerSettings(
        pools=tuple(Pool(**pool) for pool in pools),
        pod_selector="app",
        **{"tick": 0.1, "lease_duration": 2.0, "request_timeout": 1.0, **settings},
    )
    events: list[Event] = []
    reporter = Reporter(events.append)
    api = Api(configuration, NAMESPACE, timeout=chosen.request_timeout, reporter=reporter)
    election = Election(api, reporter, name=chosen.lease, identity=identity, duration=chosen.lease_duration)
    controller = Controller(chosen, api, election, StoreSide(store, reporter), reporter)
    thread = threading.Thread(target=controller.run)
    thread.start()
    try:
        yield Replica(controller, election, events)
    finally:
        controller.stop()
        thread.join()
