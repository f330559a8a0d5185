"""Tasks that wait for somebody else: how near ten slots come to what ten slots can do."""

from typing import Final

from bench.effort import Effort
from bench.measurement import Column, Measurement, Ratio, Values, against_first
from bench.variants import TEN_SLOTS, Variant

SECONDS: Final = 0.1  #: That each task waits.
SLOTS: Final = 10


def measure(variant: Variant, effort: Effort) -> Values:
    """Each task notes its beginning and its end."""
    with variant.system(variant.shape) as system:
        system.start()
        system.await_ready()
        system.submit("pause", effort.paused, batch=system.batch, seconds=SECONDS)
        system.await_done(system.submitted, within=60 + effort.paused * SECONDS)
        times = system.times()
    taken = max(ended for _, ended in times) - min(began for began, _ in times)
    return {"seconds": taken, "share": 100 * effort.paused * SECONDS / SLOTS / taken}


MEASUREMENT: Final = Measurement(
    name="waiting",
    title="Tasks that wait for others",
    text=lambda effort: (
        f"{effort.paused} tasks that wait {SECONDS * 1000:g} ms each, in {SLOTS} slots: the ceiling is {SLOTS / SECONDS:g} "
        "tasks/s. From the beginning of the first to the end of the last."
    ),
    columns=(Column("seconds", "seconds"), Column("share", "% of the ceiling")),
    ratios=(Ratio("share", "share: Heavylift ÷ this"),),
    cases=against_first(TEN_SLOTS, measure),
)
