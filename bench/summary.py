"""What several rounds say together: medians with their spread, and ratios taken round by round. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median, quantiles

Round = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some values, the least and the most."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread | None:
    """None when there are no values."""
    return Spread(median(values), min(values), max(values)) if values else None


def column(rounds: Sequence[Round], key: str) -> list[float]:
    """The values of the rounds that have it."""
    return [values[key] for values in rounds if key in values]


def ratios(above: Sequence[Round], below: Sequence[Round], key: str) -> list[float]:
    """One ratio for each round that both have come through: what disturbed the machine then, disturbed both."""
    return [a[key] / b[key] for a, b in zip(above, below, strict=False) if key in a and b.get(key)]


def most_at_once(times: Sequence[tuple[float, float]]) -> int:
    """Of things with a beginning and an end, the most that lasted at one moment."""
    steps = sorted([(ended, -1) for _, ended in times] + [(began, 1) for began, _ in times])
    return max(accumulate((step for _, step in steps), initial=0))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of the values do not exceed, interpolated."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]
