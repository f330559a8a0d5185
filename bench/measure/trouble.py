"""Submitting over HTTP while Redis is slow, while it is away, and when it is back."""

import time
from functools import partial
from typing import Final

from bench.effort import Effort
from bench.front import CONNECTIONS, Answers, Front
from bench.line import Line
from bench.measure.http import CASES, Behind
from bench.measurement import Case, Column, Measurement, Values

PACE: Final = 100.0  #: Requests per second.
DELAY: Final = 0.2  #: Seconds by which each reply of a slow Redis is late.
NORMAL: Final = 20  #: Submissions in a row that are accepted within 50 ms: it is as before.
PROMPT: Final = 0.05
LONGEST: Final = 15.0  #: After so many times the seconds that each trouble lasts it never will be.


def measure(behind: Behind, effort: Effort) -> Values:
    """One after the other, with the same process. Before each trouble it is as before."""
    variant = behind.workers
    assert variant is not None  # noqa: S101  those who submit nothing ask nothing of Redis
    with variant.system(variant.shape) as system:
        system.make_known()
        with Line(system.redis.port) as line, Front(behind.application, system, line.port) as front:
            line.say(f"slow {DELAY}")
            slow = front.answers(effort.seconds, pace=PACE)
            line.say("open")
            _until_normal(front, effort)
            line.say("cut")
            down = front.answers(effort.seconds, pace=PACE)
            line.say("open")
            back = _until_normal(front, effort)
    return _of("slow", slow, effort) | _of("down", down, effort) | {"back": back}


def _of(name: str, found: Answers, effort: Effort) -> dict[str, float]:
    asked = PACE * effort.seconds
    waited = effort.seconds * 1000  # where nobody was answered, everybody waited to the end
    values = {
        "accepted": 100 * found.statuses.get(202, 0) / asked,
        "refused": 100 * found.statuses.get(503, 0) / asked,
        "failed": 100 * sum(number for status, number in found.statuses.items() if status not in (202, 503)) / asked,
        "median": found.pause(50) if found.pauses else waited,
        "slowest": found.pause(99) if found.pauses else waited,
    }
    return {f"{name}_{key}": value for key, value in values.items()}


def _until_normal(front: Front, effort: Effort) -> float:
    """Seconds until submissions are accepted as before."""
    began = time.monotonic()
    in_a_row = 0
    while in_a_row < NORMAL and time.monotonic() < began + LONGEST * effort.seconds:
        asked = time.monotonic()
        in_a_row = in_a_row + 1 if front.submit(within=5.0) == 202 and time.monotonic() < asked + PROMPT else 0
    return time.monotonic() - began


def cases(effort: Effort) -> list[Case]:
    """Ours, and that of every tutorial."""
    both = [behind for behind in CASES if behind.name in ("heavylift", "celery")]
    return [Case(behind.name, behind.title, both[0].name, partial(measure, behind, effort)) for behind in both]


MEASUREMENT: Final = Measurement(
    name="trouble",
    title="Submitting over HTTP in trouble",
    text=lambda effort: (
        f"One process each, {CONNECTIONS} connections, {PACE:g} requests a second for {effort.seconds:g} s: over a line to Redis "
        f"that brings each reply {DELAY * 1000:g} ms late, and over one whose connections are cut and refused. Percent "
        f"of all that were asked for; those that are missing had no answer when the time was over. Then the line is mended: the "
        f"seconds until {NORMAL} submissions in a row are accepted within {PROMPT * 1000:g} ms."
    ),
    columns=(
        Column("slow_accepted", "Redis slow: accepted, %"),
        Column("slow_refused", "503, %"),
        Column("slow_failed", "500, %"),
        Column("slow_median", "p50, ms"),
        Column("slow_slowest", "p99, ms"),
        Column("down_accepted", "Redis down: accepted, %"),
        Column("down_refused", "503, %"),
        Column("down_failed", "500, %"),
        Column("down_median", "p50, ms"),
        Column("down_slowest", "p99, ms"),
        Column("back", "and back: normal after, s"),
    ),
    ratios=(),
    cases=cases,
)
