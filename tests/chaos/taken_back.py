"""Runs of which the surviving history knows nothing, because a failover took their claims back. Pure.

Redis replicates after it has answered. So what a worker was told, a claim or an end, may be undone when another server becomes
the primary; then the task is run again, under fences that were given out before. Such runs are allowed around a fault that can
bring it about, and counted; anywhere else they are an accusation.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from tests.chaos.history import History, Run
from tests.chaos.lives import Life

AROUND: Final = 2.0  #: Seconds before and after such a fault in which a run may begin whose claim it takes back.


def taken_back(history: History, known: Mapping[str, Life]) -> frozenset[Run]:
    """Runs whose claims a failover may have taken back: unknown to what survived, or one too many under a fence."""
    return frozenset(run for run in _strays(history, known) if _is_around(run, history))


def _strays(history: History, known: Mapping[str, Life]) -> list[Run]:
    same: dict[tuple[str, int], list[Run]] = defaultdict(list)
    for run in history.runs:
        same[run.held.task, run.held.fence].append(run)
    unknown = [
        run for (task, fence), runs in same.items() if task not in known or not known[task].was_claimed(fence) for run in runs
    ]
    # Of several under one fence all but one held a claim that is no more; which of them cannot be told, so not the latest.
    return unknown + [run for runs in same.values() for run in sorted(runs, key=lambda run: run.began)[:-1]]


def _is_around(run: Run, history: History) -> bool:
    faults = [blow for blow in history.blows if blow.takes_back]
    return any(blow.at - AROUND <= run.began <= blow.until + AROUND for blow in faults)
