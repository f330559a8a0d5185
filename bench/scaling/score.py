"""How well it went, in numbers."""

from dataclasses import dataclass
from itertools import pairwise

from bench.scaling.load import Load
from bench.scaling.outcome import Outcome

IDEAL_UTILISATION = 0.8  # of the slots: some room has to be for what comes by chance
SETTLED = 600.0  # seconds from the beginning in which nobody knows the load yet


@dataclass(frozen=True, slots=True)
class Score:
    """``late_seconds``: how long the oldest task waited longer than promised. ``late_tasks``: the share that did.

    ``cost``: pod-seconds beside those of pods that are there exactly when needed and busy for 80 % of their time.
    ``turns``: how often it went down after it had gone up, or up after down, once it had settled.
    """

    late_seconds: float
    late_tasks: float
    peak_wait: float
    pod_seconds: float
    cost: float
    interrupted: int
    decisions: int
    turns: int


def score(load: Load, outcome: Outcome) -> Score:
    """The verdict on one run."""
    ideal = load.work / load.slots / IDEAL_UTILISATION
    late = sum(wait > load.wait for wait in outcome.waits)
    return Score(
        late_seconds=outcome.late_seconds,
        late_tasks=late / max(1, len(outcome.waits)),
        peak_wait=max(max(outcome.waits, default=0.0), max((point.oldest for point in outcome.points), default=0.0)),
        pod_seconds=outcome.pod_seconds,
        cost=outcome.pod_seconds / ideal if ideal else 0.0,
        interrupted=outcome.interrupted,
        decisions=len(outcome.orders),
        turns=_turns(outcome.orders),
    )


def _turns(orders: list[tuple[float, int]]) -> int:
    settled = [pods for at, pods in orders if at > SETTLED]
    moves = [after > before for before, after in pairwise(settled)]
    return sum(one != other for one, other in pairwise(moves))
