"""Very many waiting tasks in one process on one event loop."""

from functools import partial
from typing import Final

from bench import process_tree
from bench.effort import Effort
from bench.measurement import Case, Column, Measurement, Ratio, Values
from bench.summary import most_at_once
from bench.variants import LOOPS, Variant

SECONDS: Final = 2.0  #: That each task waits.


def cases(effort: Effort) -> list[Case]:
    """Every library that has a loop, with room for all tasks at once."""
    variants = [variant.shaped("asyncio", 1, effort.crowd) for variant in LOOPS]
    return [Case(v.name, v.title, variants[0].name, partial(measure, v, effort)) for v in variants]


def measure(variant: Variant, effort: Effort) -> Values:
    """The queue is filled first. Each task notes its beginning and its end."""
    with variant.system(variant.shape) as system:
        system.submit("pause", effort.crowd, batch=system.batch, seconds=SECONDS)
        system.start()
        system.await_done(system.submitted, within=120)
        times = system.times()
        memory = process_tree.memory_bytes(system.worker.pid)
    return {
        "at_once": most_at_once(times),
        "seconds": max(ended for _, ended in times) - min(began for began, _ in times),
        "worker_memory": memory / 1e6,
    }


MEASUREMENT: Final = Measurement(
    name="crowd",
    title="A crowd on one event loop",
    text=lambda effort: (
        f"{effort.crowd} `async def` tasks that wait {SECONDS:g} s each, in one process with room for all of them. At once: the "
        "most that were between their beginning and their end. Seconds: from the beginning of the first to the end of the last."
    ),
    columns=(Column("at_once", "at once"), Column("seconds", "seconds"), Column("worker_memory", "worker memory, MB")),
    ratios=(Ratio("seconds", "seconds: Heavylift ÷ this"),),
    cases=cases,
)
