"""What tasks that are not due yet cost the worker."""

import time
from functools import partial
from typing import Final

from bench.drain import Appetite, drain
from bench.effort import Effort
from bench.measurement import Case, Column, Measurement, Ratio, Values
from bench.variants import DELAYED, Variant
from bench.written import spaced

DELAY: Final = 3600.0  #: Seconds; nobody waits for them.
PATIENCE: Final = 600.0  #: Seconds until a worker that takes delayed tasks into its memory has come to the others.


def cases(effort: Effort) -> list[Case]:
    """Every library without delayed tasks and with them."""
    appetite = Appetite(effort.seconds / 2)
    return [
        Case(
            f"{v.name}-{delayed}",
            f"{v.title}; {spaced(delayed)} delayed",
            f"{v.name}-0",
            partial(measure, v, delayed, appetite),
        )
        for v in DELAYED
        for delayed in (0, effort.delayed)
    ]


def measure(variant: Variant, delayed: int, appetite: Appetite) -> Values:
    """The delayed tasks are submitted first, as they would be."""
    tasks = appetite.of(variant)
    with variant.system(variant.shape) as system:
        if delayed:
            system.fill(delayed, delay=DELAY)
        system.fill(tasks)
        began = time.monotonic()
        values = drain(system, tasks, patience=PATIENCE)
        until_working = time.monotonic() - began - 0.9 * tasks / values["rate"]
    appetite.learn(variant, values["rate"])
    return {"rate": values["rate"], "worker_memory": values["worker_memory"] / 1e6, "until_working": until_working}


MEASUREMENT: Final = Measurement(
    name="delayed",
    title="Beside delayed tasks",
    text=lambda effort: (
        f"No-ops as above, submitted after {effort.delayed} tasks that are due in an hour, and without those. Seconds until "
        "working: from the start of the worker until it had done a tenth of the no-ops."
    ),
    columns=(
        Column("until_working", "s until working"),
        Column("rate", "tasks/s"),
        Column("worker_memory", "worker memory, MB"),
    ),
    ratios=(
        Ratio("rate", "rate ÷ that without", of_base=True),
        Ratio("worker_memory", "memory ÷ that without", of_base=True),
    ),
    cases=cases,
)
