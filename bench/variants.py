"""Who takes part in what, and how each runs its worker: data, so that another kind of child is another line.

Two processes for two cores where a library can have several; slots as its documentation advises for small tasks.
"""

from dataclasses import dataclass, replace
from typing import Final

from bench.systems.arq import Arq
from bench.systems.celery import Celery
from bench.systems.dramatiq import Dramatiq
from bench.systems.heavylift import Heavylift, HeavyliftInSmallClaims
from bench.systems.rq import Rq
from bench.systems.saq import Saq
from bench.systems.streaq import Streaq
from bench.systems.system import Shape, System
from bench.systems.taskiq import Taskiq


@dataclass(frozen=True, slots=True)
class Variant:
    """A library with a worker of a certain shape.

    ``guess`` is about how many no-ops it does a second, to choose how many it is given in the first round.
    """

    name: str
    title: str
    system: type[System]
    shape: Shape
    guess: float

    def shaped(self, kind: str, processes: int, slots: int = 1) -> "Variant":
        """The same library with another worker."""
        return replace(self, shape=Shape(kind, processes, slots))


HEAVYLIFT: Final = Variant("heavylift", "Heavylift, 2 process children", Heavylift, Shape("process", 2), 12_000)
SMALL_CLAIMS: Final = replace(
    HEAVYLIFT, name="heavylift-16", title="Heavylift, the same in claims of 16", system=HeavyliftInSmallClaims
)
HEAVYLIFT_1: Final = Variant("heavylift-1", "Heavylift, 1 process child", Heavylift, Shape("process", 1), 8_000)
HEAVYLIFT_4: Final = Variant("heavylift-4", "Heavylift, 4 process children", Heavylift, Shape("process", 4), 12_000)
POOLED: Final = Variant("heavylift-threads", "Heavylift, 1 child of 16 threads", Heavylift, Shape("threads", 1, 16), 5_000)
LOOP: Final = Variant("heavylift-asyncio", "Heavylift, 1 asyncio child", Heavylift, Shape("asyncio", 1, 1_000), 5_000)
LOOP_2: Final = Variant("heavylift-asyncio-2", "Heavylift, 2 asyncio children", Heavylift, Shape("asyncio", 2, 1_000), 8_000)
PREFORK: Final = Variant("celery-prefork", "Celery prefork, 2 processes", Celery, Shape("prefork", 2), 1_200)
THREADS: Final = Variant("celery-threads", "Celery threads, 8 threads", Celery, Shape("threads", 1, 8), 1_200)
TASKIQ: Final = Variant("taskiq", "taskiq stream, 1 process", Taskiq, Shape("asyncio", 1, 100), 3_000)
TASKIQ_2: Final = Variant("taskiq-2", "taskiq stream, 2 processes", Taskiq, Shape("asyncio", 2, 100), 4_000)
ARQ: Final = Variant("arq", "arq, 100 jobs, asks every 10 ms", Arq, Shape("asyncio", 1, 100), 1_500)
SAQ: Final = Variant("saq", "saq, 100 at once", Saq, Shape("asyncio", 1, 100), 2_000)
DRAMATIQ: Final = Variant("dramatiq", "dramatiq, 1 process of 8 threads", Dramatiq, Shape("threads", 1, 8), 1_500)
DRAMATIQ_2: Final = Variant("dramatiq-2", "dramatiq, 2 processes of 8 threads", Dramatiq, Shape("threads", 2, 8), 2_000)
STREAQ: Final = Variant("streaq", "streaq, 100 at once", Streaq, Shape("asyncio", 1, 100), 1_300)
RQ: Final = Variant("rq", "rq, 2 SimpleWorkers", Rq, Shape("simple", 2), 400)

#: Each library once, with Celery in both of its pools.
EACH: Final = (HEAVYLIFT, PREFORK, THREADS, TASKIQ, ARQ, SAQ, DRAMATIQ, STREAQ, RQ)

#: Libraries, whatever their workers: submitting does not depend on them.
LIBRARIES: Final = tuple(
    replace(variant, name=variant.system.peer, title=title)
    for variant, title in (
        (HEAVYLIFT, "Heavylift"),
        (PREFORK, "Celery"),
        (TASKIQ, "taskiq stream"),
        (ARQ, "arq"),
        (SAQ, "saq"),
        (DRAMATIQ, "dramatiq"),
        (STREAQ, "streaq"),
        (RQ, "rq"),
    )
)

#: Kinds and numbers of children; the first is what the others are compared with.
THROUGHPUT: Final = (
    HEAVYLIFT,
    SMALL_CLAIMS,
    HEAVYLIFT_1,
    HEAVYLIFT_4,
    POOLED,
    LOOP,
    LOOP_2,
    PREFORK,
    THREADS,
    TASKIQ,
    TASKIQ_2,
    ARQ,
    SAQ,
    DRAMATIQ,
    DRAMATIQ_2,
    STREAQ,
    RQ,
)

#: Ten tasks at once, however the library has them.
TEN_SLOTS: Final = tuple(
    replace(variant.shaped(*shape), title=title)
    for variant, shape, title in (
        (HEAVYLIFT, ("process", 10), "Heavylift, 10 process children"),
        (POOLED, ("threads", 1, 10), "Heavylift, 1 child of 10 threads"),
        (LOOP, ("asyncio", 1, 10), "Heavylift, 1 asyncio child of 10"),
        (PREFORK, ("prefork", 10), "Celery prefork"),
        (THREADS, ("threads", 1, 10), "Celery threads"),
        (TASKIQ, ("asyncio", 1, 10), "taskiq stream"),
        (ARQ, ("asyncio", 1, 10), "arq"),
        (SAQ, ("asyncio", 1, 10), "saq"),
        (DRAMATIQ, ("threads", 1, 10), "dramatiq"),
        (STREAQ, ("asyncio", 1, 10), "streaq"),
        (RQ, ("simple", 10), "rq"),
    )
)

#: Who runs ``async def`` on a loop.
LOOPS: Final = tuple(
    replace(variant, title=title)
    for variant, title in (
        (LOOP, "Heavylift"),
        (TASKIQ, "taskiq stream"),
        (ARQ, "arq"),
        (SAQ, "saq"),
        (STREAQ, "streaq"),
    )
)

#: Who stands before how long a queue at most: filling one with a million takes Celery five minutes a round.
DEEP: Final = ((HEAVYLIFT, 1_000_000), (PREFORK, 100_000), (TASKIQ, 100_000))

#: Who can hold back a hundred thousand tasks without a second program. taskiq's stream has no delays, rq wants a scheduler.
DELAYED: Final = (HEAVYLIFT, PREFORK, ARQ, SAQ, DRAMATIQ, STREAQ)
