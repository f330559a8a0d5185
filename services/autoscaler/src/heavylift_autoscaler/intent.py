"""From a recommendation to what is to be done: people come first, then the settings, then the recommendation."""

from dataclasses import dataclass, replace

from heavylift.store.calls import ScalingMode, Steering
from heavylift_autoscaler.recommendation import Recommendation
from heavylift_autoscaler.settings import AutoscalerSettings


@dataclass(frozen=True, slots=True)
class Intent:
    """How many pods there are to be, and why; ``acts``: whether this program sees to it."""

    mode: ScalingMode
    target: int
    reason: str

    @property
    def acts(self) -> bool:
        """Whether the number is to be set."""
        return self.mode in (ScalingMode.ACTING, ScalingMode.OVERRIDDEN)


def intend(said: Recommendation, ordered: int, settings: AutoscalerSettings, steering: Steering | None) -> Intent:
    """What is to be done about a pool that has so many pods ``ordered``."""
    if settings.engine == "none" or (settings.engine == "keda" and steering is None):
        return Intent(ScalingMode.ADVISING, said.pods, said.reason)
    if settings.engine == "keda" and steering is not None:  # KEDA asks for the target
        return replace(_steered(said, ordered, steering), mode=ScalingMode.ADVISING)
    if settings.dry_run:
        return Intent(ScalingMode.DRY_RUN, said.pods, said.reason)
    if settings.frozen:
        return Intent(ScalingMode.FROZEN, ordered, f"frozen at {ordered} by HEAVYLIFT_AUTOSCALER_FROZEN; {said.reason}")
    if steering is not None:
        return _steered(said, ordered, steering)
    return Intent(ScalingMode.ACTING, said.pods, said.reason)


def _steered(said: Recommendation, ordered: int, steering: Steering) -> Intent:
    until = f" until {steering.until:%Y-%m-%d %H:%M:%S} UTC" if steering.until else ""
    who = f"by {steering.by}{until} ({steering.reason})"
    if steering.replicas is None:
        return Intent(ScalingMode.FROZEN, ordered, f"frozen at {ordered} {who}; {said.reason}")
    return Intent(ScalingMode.OVERRIDDEN, steering.replicas, f"set to {steering.replicas} {who}; {said.reason}")
