"""Every policy on one load."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bench.scaling.horizontal import Cpu, Keda
from bench.scaling.load import Load
from bench.scaling.ours import Ours
from bench.scaling.outcome import Outcome
from bench.scaling.score import Score, score
from bench.scaling.world import Policy, World

POINTS: Final = 400  # of each curve in a picture
DEFAULT_TARGET: Final = 5.0  # entries of a stream for each pod, where nobody says otherwise
TARGETS: Final = (0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 12.5)  # for each slot, that are tried to find the best
FEW: Final = 0.01  # of the tasks may be late where the cheaper is the better


@dataclass(frozen=True, slots=True)
class Result:
    """What a policy did, and how well that was."""

    policy: Policy
    outcome: Outcome
    score: Score


def tried(load: Load, seed: int) -> list[Result]:
    """All policies, each in a world of its own that draws the same: ours, KEDA as it comes and at its best, an HPA on CPU."""
    return [
        _result(load, Ours(load), seed),
        _result(load, Keda(load, "KEDA", DEFAULT_TARGET, polling=30.0), seed),
        _best(_result(load, Keda(load, "KEDA tuned", share * load.slots, polling=5.0), seed) for share in TARGETS),
        _result(load, Cpu(load), seed),
    ]


def _best(results: Iterable[Result]) -> Result:
    """The cheapest of those that keep the promise; where none does, the one that is late the least."""
    return min(results, key=lambda result: (max(FEW, result.score.late_tasks), result.score.cost))


def _result(load: Load, policy: Policy, seed: int) -> Result:
    outcome = World(load, policy, seed, point_every=max(1, round(load.length / POINTS))).run()
    return Result(policy, outcome, score(load, outcome))
