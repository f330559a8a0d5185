"""From submitting a task to the first line of its function, with a worker that has little to do."""

from typing import Final

from bench.effort import Effort
from bench.measurement import Column, Measurement, Ratio, Values, against_first
from bench.summary import percentile
from bench.variants import EACH, Variant

PACE: Final = 50.0  #: Tasks per second.


def measure(variant: Variant, effort: Effort) -> Values:
    """Each task notes when it was about to be submitted and when it runs; both clocks are this machine's."""
    with variant.system(variant.shape) as system:
        system.start()
        system.await_ready()
        system.submit("stamp", effort.paced, pace=PACE)
        system.await_done(system.submitted, within=30)
        pauses = [(ended - began) * 1000 for began, ended in system.times()]
    return {"median": percentile(pauses, 50), "slowest": percentile(pauses, 99)}


MEASUREMENT: Final = Measurement(
    name="latency",
    title="Pickup",
    text=lambda effort: (
        f"{effort.paced} tasks at {PACE:g} a second to a worker that runs already: milliseconds from just before the call that "
        "submits to the first line of the function."
    ),
    columns=(Column("median", "p50, ms"), Column("slowest", "p99, ms")),
    ratios=(Ratio("median", "p50: Heavylift ÷ this"),),
    cases=against_first(EACH, measure),
)
