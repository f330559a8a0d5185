"""One shape of load for all contenders at the same time, each on its own pool."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from bench.live import ledger
from bench.live.drive import driven
from bench.live.pitch import Pitch
from bench.live.requests import of_pool, requests
from bench.live.seen import Order, PodLife, PoolSeen
from bench.live.shapes import Shape

AHEAD: Final = 3.0  #: Seconds until the first task, for all to be ready.


def measure(pitches: Sequence[Pitch], shape: Shape, seed: int) -> dict[str, PoolSeen]:
    """What was seen of each, from the first second of the load to its last."""
    works, tag = shape.tasks(seed), f"{shape.name}-{seed}"
    with ExitStack() as scaled:
        for pitch in pitches:
            scaled.enter_context(pitch.scaled())
        asked, begin = requests(), time.time() + AHEAD
        with driven(pitches, works, tag, begin):
            time.sleep(max(0.0, begin + shape.length - time.time()))
            asked_more, end = requests(), begin + shape.length
        return {
            pitch.contender.name: PoolSeen(
                begin=begin,
                end=end,
                lives=_lives(pitch, begin, end),
                orders=_orders(pitch, begin, end),
                tasks=ledger.read(pitch, tag),
                requests=of_pool(asked_more - asked, pitch.namespace),
            )
            for pitch in pitches
        }


def _lives(pitch: Pitch, begin: float, end: float) -> list[PodLife]:
    return [life for life in pitch.watcher.of(pitch.namespace) if life.created < end and (life.gone or end) > begin]


def _orders(pitch: Pitch, begin: float, end: float) -> list[Order]:
    """Those in between, and the last before."""
    orders = pitch.watcher.orders[pitch.namespace]
    before = [order for order in orders if order.at <= begin][-1:]
    return before + [order for order in orders if begin < order.at <= end]
