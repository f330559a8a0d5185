"""What the store is asked and told. While it is silent what it said before counts, and the recommender knows how old that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heavylift.errors import HeavyliftError
from heavylift.store import calls
from heavylift.store.calls import Call, Host, ScalingReport, Steering, WorkloadReply
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter, StoreTrouble


@dataclass(slots=True)
class StoreSide:
    """Of one controller."""

    store: RedisStore
    reporter: Reporter
    steering: Mapping[str, Steering] = field(default_factory=dict)  #: By pool, as last heard.
    trouble: str = ""  #: Why the last question was not answered, or ''.

    def look(self, horizon: float) -> WorkloadReply | None:
        """What the workers have before them, and how people steer; None when the store is silent."""
        self.trouble = ""
        reply: WorkloadReply | None = self._ask(calls.Workload(horizon))
        if reply is not None and (scaling := self._ask(calls.ReadScaling())) is not None:
            self.steering = scaling.steering
        return reply

    def rest(self, hosts: Sequence[str], seconds: float) -> Mapping[str, Host]:
        """Tell hosts to rest, and read what all have in hand after that. Raises HeavyliftError."""
        if hosts:
            self.store.run(calls.Rest(tuple(hosts), seconds))
        return {host.name: host for host in self.store.run(calls.ReadHosts())}

    def tell(self, report: ScalingReport) -> None:
        """Keep what was decided for whoever asks."""
        if not self.trouble:  # else it would be waited for once more
            self._ask(calls.TellScaling(report))

    def _ask(self, call: Call[Any]) -> Any:
        try:
            return self.store.run(call)
        except HeavyliftError as error:
            self.trouble = str(error)
            self.reporter.report(StoreTrouble(component="autoscaler", error_type=type(error).__name__, message=str(error)))
            return None
