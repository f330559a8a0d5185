"""Whether a long queue makes a worker slower or larger."""

from functools import partial
from typing import Final

from bench.drain import Appetite, drain
from bench.effort import Effort
from bench.measurement import Case, Column, Measurement, Ratio, Values
from bench.variants import DEEP, Variant
from bench.written import spaced


def cases(effort: Effort) -> list[Case]:
    """Every depth, compared with the same library at the least."""
    appetite = Appetite(effort.seconds / 2)
    return [
        Case(
            f"{v.name}-{depth}",
            f"{v.title}; {spaced(depth)} queued",
            f"{v.name}-{effort.depths[0]}",
            _round(v, depth, appetite),
        )
        for v, deepest in DEEP
        for depth in effort.depths
        if depth <= deepest
    ]


def _round(variant: Variant, depth: int, appetite: Appetite) -> "partial[Values]":
    return partial(measure, variant, depth, appetite)


def measure(variant: Variant, depth: int, appetite: Appetite) -> Values:
    """At least ``depth`` tasks wait behind all that are counted."""
    tasks = appetite.of(variant)
    with variant.system(variant.shape) as system:
        system.fill(depth + tasks)
        values = drain(system, tasks)
    appetite.learn(variant, values["rate"])
    return {"rate": values["rate"], "worker_memory": values["worker_memory"] / 1e6}


MEASUREMENT: Final = Measurement(
    name="backlog",
    title="Behind a long queue",
    text=lambda _: "No-ops as above, with so many tasks waiting behind the last that is counted.",
    columns=(Column("rate", "tasks/s"), Column("worker_memory", "worker memory, MB")),
    ratios=(
        Ratio("rate", "rate ÷ that at the least depth", of_base=True),
        Ratio("worker_memory", "memory ÷ that at the least depth", of_base=True),
    ),
    cases=cases,
)
