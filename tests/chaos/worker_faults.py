"""Faults of workers: their processes are killed, paused, sent away, or told a wrong time."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tests.chaos.fleet import Family, await_gone
from tests.chaos.harm import Harm
from tests.chaos.history import Held
from tests.chaos.scene import Scene
from tests.support.eventually import eventually

HOUR: Final = 3600.0
LEAVING: Final = 30.0  # seconds; a worker whose Redis is away gives up handing back only after its calls have timed out


@contextmanager
def worker_kill(scene: Scene) -> Iterator[Harm]:
    """SIGKILL of the guardian, as when a node takes it away; its children must end with it."""
    worker, family = scene.choose_worker()
    harm = Harm("worker-kill", scene.journal.now(), prove=_cut_short(scene, family.children))
    worker.kill()
    await_gone(family.everybody)
    try:
        yield harm
    finally:
        worker.launch()


@contextmanager
def nursery_kill(scene: Scene) -> Iterator[Harm]:
    """SIGKILL of the process that forks children; its guardian must leave, to be replaced."""
    worker, family = scene.choose_worker()
    harm = Harm("nursery-kill", scene.journal.now(), prove=_cut_short(scene, family.children))
    os.kill(family.nursery, signal.SIGKILL)
    await_gone(family.children)
    try:
        yield harm
    finally:
        worker.process.wait(timeout=LEAVING)
        worker.launch()


@contextmanager
def child_kill(scene: Scene) -> Iterator[Harm]:
    """SIGKILL of one child; its guardian must hand on what it held and replace it."""
    _, family = scene.choose_worker()
    begun = scene.journal.last_runs(family.children)
    child = scene.chance.choice([run for run in begun if run.running] or begun).pid
    harm = Harm("child-kill", scene.journal.now(), prove=_cut_short(scene, [child]))
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    await_gone([child])
    yield harm


@contextmanager
def worker_freeze(scene: Scene) -> Iterator[Harm]:
    """SIGSTOP of all processes of a worker until others have taken what it held, then SIGCONT."""
    _, family = scene.choose_worker()
    harm = Harm("worker-freeze", scene.journal.now())
    _signal_all(family.everybody, signal.SIGSTOP)
    try:
        yield harm
        held = scene.in_hand(family.children)
        with suppress(AssertionError):  # then it goes unproven, and counts as a miss
            eventually(lambda: _taken(scene, held), holds=lambda taken: len(taken) == len(held), within=5 * scene.lease)
        harm.cut = _taken(scene, held)
        harm.proof = f"{len(harm.cut)} runs were continued by others meanwhile" if harm.cut else ""
    finally:
        _signal_all(family.everybody, signal.SIGCONT)
        harm.until = scene.journal.now()


@contextmanager
def worker_drain(scene: Scene) -> Iterator[Harm]:
    """SIGTERM, as in a rolling update; then a new one."""
    worker, family = scene.choose_worker()
    eventually(lambda: _running(scene, family), within=60, claim="running tasks of this worker")
    running = _running(scene, family)
    harm = Harm("worker-drain", scene.journal.now(), proof=f"{running} tasks were running" if running else "")
    worker.process.send_signal(signal.SIGTERM)
    try:
        yield harm
        code = worker.process.wait(timeout=LEAVING)
        harm.until = scene.journal.now()
        harm.complaint = f"it ended with code {code}" if code else ""
    finally:
        worker.launch()
    harm.prove = lambda _: _measure_leaving(scene, harm, family)


@contextmanager
def clock_step(scene: Scene) -> Iterator[Harm]:
    """The wall clock of a worker goes wrong by an hour, either way, and comes right again."""
    worker, family = scene.choose_worker(steppable=True)
    step = scene.chance.choice([HOUR, -HOUR])
    harm = Harm("clock-step", scene.journal.now())
    worker.step_clock(step)
    try:
        yield harm
        with suppress(AssertionError):  # then it goes unproven, and counts as a miss
            marks = eventually(lambda: _skewed(scene, family, step, since=harm.at), holds=lambda n: n >= 10, within=20)
            harm.proof = f"{marks} marks of its tasks were off by {step:+.0f} s on both its clocks"
        time.sleep(scene.chance.uniform(0, scene.lease))  # a wrong clock for a part of a lease, or for nearly all of it
    finally:
        worker.step_clock(0.0)
        harm.until = scene.journal.now()


def _cut_short(scene: Scene, pids: Iterable[int]) -> Callable[[Harm], None]:
    def prove(harm: Harm) -> None:
        harm.cut = scene.in_hand(pids)
        harm.proof = f"{len(harm.cut)} runs were cut short before their end was committed" if harm.cut else ""

    return prove


def _signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _taken(scene: Scene, held: tuple[Held, ...]) -> tuple[Held, ...]:
    records = [(run, scene.read(run.task)) for run in held]
    return tuple(run for run, record in records if record is not None and record.fence > run.fence)


def _running(scene: Scene, family: Family) -> int:
    return sum(run.running for run in scene.journal.last_runs(family.children))


def _skewed(scene: Scene, family: Family, step: float, *, since: float) -> int:
    skews = scene.journal.skews(family.children, since=since)
    return sum(abs(by_time - step) < 60 and abs(by_datetime - step) < 60 for by_time, by_datetime in skews)


def _measure_leaving(scene: Scene, harm: Harm, family: Family) -> None:
    ends = [run.ended for run in scene.journal.runs() if run.pid in family.children and run.ended is not None]
    harm.recovery = max(0.0, harm.until - max([harm.at, *ends]))
