"""Who decides how many pods there are, and how each is set. Everything else is the same for all of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from bench.live.manifests import Manifest, cpu_scaler, scaled_object

MAXIMUM: Final = 5  #: Pods of a pool.
SLOTS: Final = 2  #: Tasks that a pod runs side by side.
WAIT: Final = 30.0  #: Seconds that a task may wait: what ours promises, and what all are measured by.

#: Pods that are small, and the same for everybody: a processor's share that a pod uses when its slots are busy.
POOL: Final[dict[str, Any]] = {
    "worker.settings.concurrency": SLOTS,
    "worker.settings.threadChildren": 0,
    "worker.settings.asyncioChildren": 0,
    "worker.resources": {"requests": {"cpu": "50m", "memory": "192Mi"}, "limits": {"memory": "512Mi"}},
    "worker.scaling.minReplicas": 0,
    "worker.scaling.maxReplicas": MAXIMUM,
    "worker.scaling.wait": WAIT,
    "api.replicas": 1,
    "redis.replicas": 1,
    "networkPolicy.redis.from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "keda"}}}],
}

#: Of the namespace, the Deployment, the address of Redis, and whether fewer pods are to be enough soon.
Scalers = Callable[[str, str, str, bool], list[Manifest]]


def _nobody(namespace: str, deployment: str, redis: str, hasty: bool) -> list[Manifest]:  # noqa: ARG001
    return []


def _keda(namespace: str, deployment: str, redis: str, hasty: bool) -> list[Manifest]:
    return scaled_object(namespace, deployment, redis, MAXIMUM, **({"cooldownPeriod": 10, **_advanced(0)} if hasty else {}))


def _keda_tuned(namespace: str, deployment: str, redis: str, hasty: bool) -> list[Manifest]:
    said: dict[str, Any] = {"pollingInterval": 2, "cooldownPeriod": 10 if hasty else 30, "streamLength": SLOTS}
    return scaled_object(namespace, deployment, redis, MAXIMUM, **said, **_advanced(0 if hasty else 30))


def _advanced(seconds: int) -> dict[str, Any]:
    behavior = {"scaleDown": {"stabilizationWindowSeconds": seconds}}
    return {"advanced": {"horizontalPodAutoscalerConfig": {"behavior": behavior}}}


def _cpu(namespace: str, deployment: str, redis: str, hasty: bool) -> list[Manifest]:  # noqa: ARG001
    return cpu_scaler(namespace, deployment, MAXIMUM, **({"scaleDown": {"stabilizationWindowSeconds": 0}} if hasty else {}))


@dataclass(frozen=True, slots=True)
class Contender:
    """``text`` says how it is set; ``values`` are for the chart, ``scalers`` what else is made.

    ``minimum`` pods are always there.
    """

    name: str
    title: str
    text: str
    scalers: Scalers = _nobody
    values: dict[str, Any] = field(default_factory=dict)
    minimum: int = 0

    @property
    def is_ours(self) -> bool:
        """Whether the chart's own autoscaler decides."""
        return bool(self.values)

    @property
    def settings(self) -> dict[str, Any]:
        """For the chart. There is a first pod, by which the API learns which kinds of tasks there are."""
        return POOL | {"autoscaling.engine": "none", "worker.replicas": 1} | self.values


OURS: Final = Contender(
    "ours",
    "Heavylift",
    "as the chart has it (`autoscaling.engine: controller`, `worker.scaling.calm: 300`)",
    values={"autoscaling.engine": "controller"},
)
CALM: Final = Contender(
    "calm",
    "Heavylift, `calm: 30`",
    "the same with `worker.scaling.calm: 30`",
    values={"autoscaling.engine": "controller", "worker.scaling.calm": 30},
)
KEDA: Final = Contender(
    "keda",
    "KEDA",
    "the scaler `redis-streams` as documented: `streamLength` 5, polling every 30 s, cooldown 300 s, HPA as it comes",
    _keda,
)
TUNED: Final = Contender(
    "tuned",
    "KEDA tuned",
    f"polling every 2 s, cooldown 30 s, `streamLength` {SLOTS} (the slots of a pod), 30 s of stabilization on the way in",
    _keda_tuned,
)
CPU: Final = Contender(
    "cpu", "HPA on CPU", "80 % of the processor that is asked for, one pod at least, HPA as it comes", _cpu, minimum=1
)

ALL: Final = (OURS, CALM, KEDA, TUNED, CPU)
