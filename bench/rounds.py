"""Measures all cases in turns, each round in the other direction, so that what disturbs the machine disturbs all of them."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from bench.effort import Effort
from bench.measurement import Case, Measurement
from bench.systems.system import Stalled
from heavylift.errors import HeavyliftError

#: Case → {"title", "base", "rounds": [values, or {} where it failed], "errors"}; JSON as it is.
Results = dict[str, dict[str, Any]]


def in_turns(measurement: Measurement, effort: Effort, rounds: int, *, only: Sequence[str] = ()) -> Results:
    """All rounds of all cases. ``only`` picks cases by the beginnings of their names; what they are compared with stays."""
    cases = _picked(measurement.cases(effort), only)
    found: Results = {case.name: {"title": case.title, "base": case.base, "rounds": [], "errors": []} for case in cases}
    for number in range(rounds):
        for case in cases if number % 2 == 0 else cases[::-1]:
            _measure(measurement, case, number, found[case.name])
    return found


def _picked(cases: list[Case], only: Sequence[str]) -> list[Case]:
    if not only:
        return cases
    wanted = {case.name for case in cases if case.name.startswith(tuple(only))}
    bases = {case.base for case in cases if case.name in wanted}
    return [case for case in cases if case.name in wanted | bases]


def _measure(measurement: Measurement, case: Case, number: int, found: dict[str, Any]) -> None:
    try:
        values = dict(case.measure())
    except (Stalled, HeavyliftError, subprocess.CalledProcessError) as error:
        # One library that stumbles is told of in the table; it does not take the others' numbers away.
        values = {}
        found["errors"].append(f"round {number + 1}: {error}")
    found["rounds"].append(values)
    told = ", ".join(f"{name} {value:,.4g}" for name, value in values.items()) or f"FAILED: {found['errors'][-1]}"
    print(f"{measurement.name} {number + 1} {case.name}: {told}", file=sys.stderr, flush=True)
