"""Submitting over HTTP, to one process of the API and to one of FastAPI in front of Celery."""

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Final

from bench.effort import Effort
from bench.front import CELERY, CONNECTIONS, HEAVYLIFT, NOTHING, Application, Front
from bench.measurement import Case, Column, Measurement, Ratio, Values
from bench.variants import HEAVYLIFT as OURS
from bench.variants import PREFORK, SMALL_CLAIMS, Variant

EQUAL: Final = 250.0  #: Requests per second that each of them can answer with ease.
NEAR: Final = 0.8  #: Of what the slowest of them can answer on this machine: with less to do, nobody's requests wait for others.
BUSY: Final = 500.0  #: Requests per second while workers use all that they get.


@dataclass(frozen=True, slots=True)
class Behind:
    """An application, and the workers behind it; None where it submits nothing."""

    name: str
    title: str
    application: Application
    workers: Variant | None


CASES: Final = (
    Behind("heavylift", "Heavylift", HEAVYLIFT, OURS),
    Behind("heavylift-16", "Heavylift, `HEAVYLIFT_WORKER_CLAIM_SIZE=16`", HEAVYLIFT, SMALL_CLAIMS),
    Behind("celery", "FastAPI and `.delay()`", CELERY, PREFORK),
    Behind("nothing", "FastAPI, a route that does nothing", NOTHING, None),
)


def measure(behind: Behind, effort: Effort) -> Values:
    """Without workers: as fast as it goes, and at two paces that all can keep. Then while workers work off a long queue."""
    near = round(NEAR * _least(effort.seconds))
    variant = behind.workers or replace(PREFORK, name=behind.name)
    with variant.system(variant.shape) as system:
        system.make_known()
        with Front(behind.application, system) as front:
            full = front.ask(effort.seconds)
            equal = front.ask(effort.seconds, pace=EQUAL)
            nearly = front.ask(effort.seconds, pace=near)
            values = {
                "rate": full.rate,
                "processor": full.processor,
                "median": equal.pause(50),
                "slowest": equal.pause(99),
                "near": near,
                "near_slowest": nearly.pause(99),
            }
            if behind.workers is None:
                return values
            system.submit("noop", round(variant.guess * effort.seconds * 2), batch=system.batch)
            system.start()
            busy = front.ask(effort.seconds, pace=BUSY)
            return values | {"busy_rate": busy.rate, "busy_slowest": busy.pause(99)}


@cache
def _least(seconds: float) -> float:
    """Requests per second that FastAPI and `.delay()` answer on this machine, asked once for all rounds."""
    with PREFORK.system(PREFORK.shape) as system:
        system.make_known()
        with Front(CELERY, system) as front:
            return front.ask(seconds).rate


def cases(effort: Effort) -> list[Case]:
    """Each compared with ours."""
    return [Case(behind.name, behind.title, CASES[0].name, partial(measure, behind, effort)) for behind in CASES]


MEASUREMENT: Final = Measurement(
    name="http",
    title="Submitting over HTTP",
    text=lambda effort: (
        f"One process each, {CONNECTIONS} connections, {effort.seconds:g} s: as fast as it is answered; at {EQUAL:g} requests a "
        f"second, and at {NEAR:.0%} of what the slowest can answer; and at {BUSY:g} a second beside workers that work off a long "
        "queue on the same cores. Milliseconds count from when a request was due; the process that asks goes before all others "
        "where it may. Neither writes a line for each request."
    ),
    columns=(
        Column("rate", "requests/s"),
        Column("processor", "CPU, µs/request"),
        Column("median", "p50, ms"),
        Column("slowest", f"p99 at {EQUAL:g}/s, ms"),
        Column("near", f"{NEAR:.0%} of the slowest, requests/s"),
        Column("near_slowest", "p99 at that, ms"),
        Column("busy_rate", "beside workers, requests/s"),
        Column("busy_slowest", "p99, ms"),
    ),
    ratios=(Ratio("rate", "requests/s: Heavylift ÷ this"), Ratio("near_slowest", "p99 at that: Heavylift ÷ this")),
    cases=cases,
)
