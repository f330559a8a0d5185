"""Memory that a queued task takes in Redis."""

from typing import Final

from bench.effort import Effort
from bench.measurement import Column, Measurement, Ratio, Values, against_first
from bench.redis_facts import RedisFacts
from bench.variants import LIBRARIES, Variant


def measure(variant: Variant, effort: Effort) -> Values:
    """What is there before, such as scripts, is not counted."""
    with variant.system(variant.shape) as system:
        system.submit("noop", 100)
        before = RedisFacts.read(system.client)
        system.fill(effort.weighed)
        after = RedisFacts.read(system.client)
    return {"memory": (after.memory - before.memory) / effort.weighed}


MEASUREMENT: Final = Measurement(
    name="weight",
    title="Memory of a queued task",
    text=lambda effort: f"Growth of Redis' memory over {effort.weighed} queued no-ops.",
    columns=(Column("memory", "bytes/task"),),
    ratios=(Ratio("memory", "Heavylift ÷ this"),),
    cases=against_first(LIBRARIES, measure),
)
