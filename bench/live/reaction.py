"""How soon a backlog has a worker: one contender after the other, each from rest, in turns."""

import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

from bench.live import ledger
from bench.live.drive import submit_backlog
from bench.live.pitch import Pitch
from bench.live.seen import PodLife
from bench.scaling.load import Work
from tests.support.eventually import eventually

BACKLOG: Final = 60  #: Tasks, of a second and a half: three quarters of a minute for one pod.
PATIENCE: Final = 180.0  #: Seconds.
PHASE: Final = 30.0  #: Seconds, at most, that are waited before: some who poll have just looked, and some have not.

Values = dict[str, float]


def measure(pitches: Sequence[Pitch], rounds: int, seed: int) -> dict[str, list[Values]]:
    """Seconds from a backlog to its first new pod ordered and ready, and to its first task, by contender."""
    draw, found = random.Random(seed), {pitch.contender.name: list[Values]() for pitch in pitches}
    with ExitStack() as scaled:
        for pitch in pitches:
            scaled.enter_context(pitch.scaled(hasty=True))
        for number in range(rounds):
            for pitch in pitches if number % 2 == 0 else reversed(pitches):
                values = _once(pitch, f"reaction-{seed}-{number}", draw.uniform(0, PHASE))
                found[pitch.contender.name].append(values)
                print(f"reaction {number + 1} {pitch.contender.name}: {values}", flush=True)
    return found


def _once(pitch: Pitch, tag: str, pause: float) -> Values:
    pitch.await_rest()
    time.sleep(pause)
    before = {life.name for life in pitch.watcher.of(pitch.namespace)}
    with pitch.stand.connect() as entrance:
        began = time.time()
        submit_backlog(entrance, pitch, [Work(0, 1.5)] * BACKLOG, tag)
    eventually(lambda: _new(pitch, before, ready=True), within=PATIENCE, claim="a new pod that is ready")
    return _values(pitch, before, began, tag)


def _values(pitch: Pitch, before: set[str], began: float, tag: str) -> Values:
    tasks = ledger.read(pitch, tag)
    return {
        "ordered": min(life.created for life in _new(pitch, before)) - began,
        "ready": min(life.ready for life in _new(pitch, before, ready=True) if life.ready) - began,
        "started": min(task.began[0] for task in tasks if task.began) - began,
        "served": max(task.began[0] for task in tasks if task.began) - began,
    }


def _new(pitch: Pitch, before: set[str], *, ready: bool = False) -> list[PodLife]:
    time.sleep(0.05)
    lives: list[Any] = [life for life in pitch.watcher.of(pitch.namespace) if life.name not in before]
    return [life for life in lives if life.ready or not ready]
