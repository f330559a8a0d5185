"""What is asked for: tasks of every kind and with every wish, drawn at random."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import Any, Final

from heavylift.record import Executor, Priority, Submission, new_task_id
from heavylift.state import State
from tests.chaos.history import Ask
from tests.chaos.tasks import ATTEMPTS

#: How many of a hundred tasks are of a kind, where it runs, and its end when nothing intervenes.
_KINDS: Final = MappingProxyType(
    {
        "chaos.work": (57, Executor.PROCESS, State.SUCCEEDED),
        "chaos.timed": (2, Executor.PROCESS, State.SUCCEEDED),
        "chaos.threaded": (25, Executor.THREADS, State.SUCCEEDED),
        "chaos.retry": (6, Executor.PROCESS, State.SUCCEEDED),
        "chaos.effects": (6, Executor.PROCESS, State.SUCCEEDED),
        "chaos.fail": (4, Executor.PROCESS, State.FAILED),
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """One task as its submitter wants it. ``called_off``: it is cancelled as soon as it is acknowledged."""

    submission: Submission
    ask: Ask
    called_off: bool


def draw_plain(chance: Random, journal_url: str) -> Order:
    """A task that ends as its kind does, without any wish."""
    kind = chance.choices(list(_KINDS), weights=[share for share, _, _ in _KINDS.values()])[0]
    _, executor, end = _KINDS[kind]
    task = new_task_id()
    payload = json.dumps({"token": task, "journal": journal_url, "seconds": _seconds(kind, chance)})
    submission = Submission(id=task, kind=kind, executor=executor, payload=payload, max_attempts=ATTEMPTS)
    return Order(submission, Ask(task, frozenset({end})), called_off=False)


def draw(chance: Random, journal_url: str) -> Order:
    """A task that may be urgent, delayed, short of time or called off."""
    plain = draw_plain(chance, journal_url)
    ends = set(plain.ask.may_end)
    wishes: dict[str, Any] = {"priority": chance.choices([Priority.HIGH, Priority.NORMAL, Priority.LOW], weights=(1, 8, 1))[0]}
    called_off = chance.random() < 0.02
    if called_off:
        ends.add(State.CANCELLED)
    if chance.random() < 0.05:
        wishes["delay"] = chance.uniform(0.01, 2.0)
    elif chance.random() < 0.03:
        wishes["expires_at"] = datetime.now(UTC) + timedelta(seconds=chance.uniform(0.01, 3.0))
        ends.add(State.EXPIRED)
    return Order(replace(plain.submission, **wishes), replace(plain.ask, may_end=frozenset(ends)), called_off)


def _seconds(kind: str, chance: Random) -> float:
    """Mostly a few milliseconds, now and then what keeps those behind it waiting; with a time limit always long."""
    weights = (0, 0, 1) if kind == "chaos.timed" else (950, 45, 5)
    low, high = chance.choices([(0.001, 0.006), (0.02, 0.08), (0.1, 0.5)], weights=weights)[0]
    return chance.uniform(low, high)
