"""Pods are taken away from a busy pool, again and again: does anything that runs notice?"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

from bench.live import ledger
from bench.live.drive import submit_backlog
from bench.live.kubectl import forwarded
from bench.live.pitch import Pitch
from bench.scaling.load import Work
from heavylift.store.calls import Statistics, Steer, Steering
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually

MANY, FEW = 12, 2  #: Pods, in turns.
QUEUED: Final = 40  #: Tasks wait at every moment, so that no slot is ever without one.
SECONDS: Final = 1.5  #: A task runs.


@dataclass(slots=True)
class Tally:
    """``taken`` pods went by the word of the autoscaler; ``busy`` of the pool's pods ran a task when they were asked for less."""

    taken: int
    submitted: int
    ended: int
    lost: int
    twice: int
    interrupted: int
    rounds: int
    seconds: float


def measure(pitch: Pitch, number: int, tag: str) -> Tally:
    """Until so many pods are gone; the verdict from the ledger."""
    began, gone_before = time.time(), _gone(pitch)
    with _steered(pitch) as wheel, _busy(pitch, wheel.store, tag) as load:
        rounds = 0
        while _gone(pitch) - gone_before < number:
            wheel.turn(MANY)
            eventually(lambda: _at_work(pitch), holds=MANY.__eq__, within=240, claim="a pool that is there")
            wheel.turn(FEW)
            eventually(lambda: _at_work(pitch), holds=FEW.__eq__, within=240, claim="a pool that is smaller")
            rounds += 1
            print(f"scale-ins: {_gone(pitch) - gone_before} pods in {time.time() - began:.0f} s", flush=True)
    tasks = ledger.read(pitch, tag)
    return Tally(
        taken=_gone(pitch) - gone_before,
        submitted=load.submitted,
        ended=sum(task.state == "succeeded" for task in tasks),
        lost=load.submitted - sum(task.state == "succeeded" for task in tasks),
        twice=sum(len(task.began) > 1 for task in tasks),
        interrupted=sum(task.interrupted for task in tasks),
        rounds=rounds,
        seconds=time.time() - began,
    )


@dataclass(slots=True)
class _Wheel:
    pool: str
    store: RedisStore

    def turn(self, replicas: int | None) -> None:
        self.store.run(Steer(self.pool, Steering(replicas, "a measurement", "bench") if replicas is not None else None))


@contextmanager
def _steered(pitch: Pitch) -> Iterator[_Wheel]:
    """Somebody who says how many pods there are to be, by the autoscaler's own way in."""
    password = pitch.stand.cluster.secret("redis", "api")
    with ExitStack() as open_:
        port = open_.enter_context(forwarded(pitch.namespace, pitch.stand.pods("redis")[0], 6379))
        store = open_.enter_context(RedisStore.from_url(f"redis://api:{password}@127.0.0.1:{port}/0"))
        wheel = _Wheel("default", store)
        try:
            yield wheel
        finally:
            wheel.turn(None)


@dataclass(slots=True)
class _Load:
    submitted: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def _busy(pitch: Pitch, store: RedisStore, tag: str) -> Iterator[_Load]:
    """Have more tasks wait than there are slots, all the time."""
    load = _Load()
    thread = threading.Thread(target=_keep_full, args=(pitch, store, tag, load))
    thread.start()
    try:
        yield load
    finally:
        load.over.set()
        thread.join()


def _keep_full(pitch: Pitch, store: RedisStore, tag: str, load: _Load) -> None:
    with pitch.stand.connect() as entrance:
        while not load.over.wait(0.3):
            missing = QUEUED - sum(queue.ready for queue in store.run(Statistics()).queues)
            if missing > 0:
                submit_backlog(entrance, pitch, [Work(0, SECONDS)] * missing, tag)
                load.submitted += missing


def _gone(pitch: Pitch) -> int:
    return sum(life.leaving is not None for life in pitch.watcher.of(pitch.namespace))


def _at_work(pitch: Pitch) -> int:
    """Pods that are ready and stay; those that do not start yet count, too, so that the number says that all is done."""
    time.sleep(0.1)
    there = [life for life in pitch.watcher.there(pitch.namespace) if life.leaving is None]
    return len(there) if all(life.ready for life in there) else -1
