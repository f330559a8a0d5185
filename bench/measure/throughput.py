"""No-ops through a worker: how many a second, and what each costs worker and Redis."""

from functools import partial
from typing import Final

from bench.drain import Appetite, drain
from bench.effort import Effort
from bench.measurement import Case, Column, Measurement, Ratio, Values
from bench.variants import THROUGHPUT, Variant


def cases(effort: Effort) -> list[Case]:
    """All kinds and numbers of children, and all peers."""
    appetite = Appetite(effort.seconds)
    return [Case(v.name, v.title, THROUGHPUT[0].name, partial(measure, v, appetite)) for v in THROUGHPUT]


def measure(variant: Variant, appetite: Appetite) -> Values:
    """The queue is filled first, so that nothing but the worker sets the pace."""
    tasks = appetite.of(variant)
    with variant.system(variant.shape) as system:
        system.fill(tasks)
        values = drain(system, tasks)
    appetite.learn(variant, values["rate"])
    return values


MEASUREMENT: Final = Measurement(
    name="throughput",
    title="No-ops through a worker",
    text=lambda effort: (
        f"The queue is filled with work for about {effort.seconds:g} s, then a worker is started. Counted from the tenth part of "
        "the tasks to the last. Every library stores results; Heavylift also keeps record and fence. Commands are those that "
        "Redis ran, inside scripts too; a read is Redis taking something from a socket, so it counts trips."
    ),
    columns=(
        Column("rate", "tasks/s"),
        Column("worker_processor", "worker CPU, µs/task"),
        Column("redis_processor", "Redis CPU, µs/task"),
        Column("commands", "Redis commands/task"),
        Column("scripts", "script calls/task"),
        Column("reads", "reads/task"),
    ),
    ratios=(Ratio("rate", "Heavylift, 2 children ÷ this"),),
    cases=cases,
)
