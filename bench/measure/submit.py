"""Submitting from one process: one by one, and in the batches that a library offers."""

from typing import Final

from bench.effort import Effort
from bench.measurement import Column, Measurement, Ratio, Values, against_first
from bench.redis_facts import RedisFacts
from bench.systems.system import Stalled
from bench.variants import LIBRARIES, Variant


def measure(variant: Variant, effort: Effort) -> Values:
    """No worker runs; what was submitted is counted in Redis afterwards."""
    with variant.system(variant.shape) as system:
        before = RedisFacts.read(system.client)
        one = system.submit("noop", effort.submitted)
        after = RedisFacts.read(system.client)
        many = system.submit("noop", effort.submitted, batch=system.batch) if system.batch > 1 else None
        if (queued := system.queued()) != system.submitted:
            raise Stalled(f"{variant.name} submitted {system.submitted} tasks, and {queued} are queued")
    return {
        "one": one["counted"] / one["seconds"],
        "one_processor": one["processor"] * 1e6 / one["counted"],
        "commands": (after.commands - before.commands) / effort.submitted,
        **({} if many is None else _of_many(many)),
    }


def _of_many(taken: Values) -> dict[str, float]:
    return {"many": taken["counted"] / taken["seconds"], "many_processor": taken["processor"] * 1e6 / taken["counted"]}


MEASUREMENT: Final = Measurement(
    name="submit",
    title="Submitting",
    text=lambda effort: (
        f"{effort.submitted} no-ops from one process, one after the other; then as many, 100 at a time: in one call where the "
        "library has one (Heavylift, Celery, rq, streaq), else 100 calls at once."
    ),
    columns=(
        Column("one", "one by one, tasks/s"),
        Column("one_processor", "client CPU, µs/task"),
        Column("commands", "Redis commands/task"),
        Column("many", "in hundreds, tasks/s"),
        Column("many_processor", "client CPU, µs/task"),
    ),
    ratios=(Ratio("one", "one by one: Heavylift ÷ this"), Ratio("many", "in hundreds: Heavylift ÷ this")),
    cases=against_first(LIBRARIES, measure),
)
