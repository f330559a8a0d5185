"""Pods are taken away from a pool in which all are busy; 200 of them in `make bench-scaling`, and a few here."""

from collections.abc import Callable
from typing import Final

from bench.live import scale_ins
from bench.live.contenders import CALM
from bench.live.pitch import Pitch
from bench.live.watcher import Watcher
from tests.e2e.support.stand import Stand

PODS: Final = 20


def test_a_busy_pool_that_is_made_smaller_interrupts_nothing(another: Callable[..., Stand], measured: Callable[..., None]):
    # Given a pool in which no slot is ever without a task
    stand = another("busy", settings=CALM.settings)
    with Watcher() as watcher:
        # When it is made greater and smaller in turns
        tally = scale_ins.measure(Pitch(CALM, stand, watcher), PODS, "busy")

    # Then every task was run once, and to its end
    measured(taken=tally.taken, tasks=tally.submitted, seconds=tally.seconds)
    assert tally.taken >= PODS
    assert tally.ended == tally.submitted > 0
    assert (tally.lost, tally.twice, tally.interrupted) == (0, 0, 0)
