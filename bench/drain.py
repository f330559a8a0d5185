"""A worker that does no-ops from a filled queue, and what each of them cost, between the tenth part of them and the last."""

import time
from dataclasses import asdict, dataclass
from typing import Final

from bench import process_tree
from bench.measurement import Values
from bench.redis_facts import RedisFacts
from bench.systems.system import Stalled, System
from bench.variants import Variant

COSTS: Final = ("rate", "worker_processor", "redis_processor", "commands", "scripts", "reads", "worker_memory")


class Appetite:
    """How many no-ops keep a variant busy for some seconds: a guess at first, then what it did in the round before."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._rates: dict[str, float] = {}

    def of(self, variant: Variant) -> int:
        """Tasks to give it, warm-up included."""
        return max(200, round(self._rates.get(variant.name, variant.guess) * self._seconds))

    def learn(self, variant: Variant, rate: float) -> None:
        """What it did."""
        self._rates[variant.name] = rate


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything that is counted, at one moment."""

    at: float
    done: int
    worker_processor: float
    redis: RedisFacts

    @classmethod
    def take(cls, system: System) -> "Sample":
        """Look, the clock and the progress first."""
        return cls(
            at=time.monotonic(),
            done=system.done(),
            worker_processor=process_tree.processor_seconds(system.worker.pid),
            redis=RedisFacts.read(system.client),
        )


def drain(system: System, tasks: int, *, patience: float = 60.0) -> Values:
    """Start the worker and measure it over ``tasks`` tasks, which wait already. ``patience``: seconds until it has begun.

    Raises Stalled when it was done before it could be looked at.
    """
    before, looks = system.done(), 0

    def looked() -> None:
        nonlocal looks
        looks += 1

    system.start()
    system.await_done(before + max(1, tasks // 10), within=patience)
    first = Sample.take(system)
    if first.done >= before + tasks:
        raise Stalled(f"{system.peer} had done all {tasks} tasks before the measuring began: give it more")
    system.await_done(before + tasks, within=120, look=looked)
    last = Sample.take(system)
    return between(first, last, looks) | {"worker_memory": float(process_tree.memory_bytes(system.worker.pid))}


def between(first: Sample, last: Sample, looks: int) -> dict[str, float]:
    """Tasks per second, and per task: processor time in µs, and what reached Redis, less our own ``looks``."""
    done = last.done - first.done
    used = {name: value - asdict(first.redis)[name] for name, value in asdict(last.redis).items()}
    return {
        "rate": done / (last.at - first.at),
        "worker_processor": (last.worker_processor - first.worker_processor) * 1e6 / done,
        "redis_processor": used["processor"] * 1e6 / done,
        "commands": (used["commands"] - looks) / done,
        "scripts": used["scripts"] / done,
        "reads": (used["reads"] - looks) / done,
    }
