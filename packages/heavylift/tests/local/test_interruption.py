"""Signals as facts that can be waited for."""

import os
import signal
import time

import pytest

from heavylift.local.interruption import Interrupted, Interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_ends_the_waiting_and_every_one_after_it_hurries(number: signal.Signals) -> None:
    hurried: list[bool] = []
    with Interruption() as interruption:
        interruption.hurry = lambda: hurried.append(True)

        # When the first signal comes, then waiting is over, and stays so
        os.kill(os.getpid(), number)
        for _ in range(2):
            with pytest.raises(Interrupted):
                interruption.pause(60)
        assert not interruption.hurried

        # When another comes, then it hurries
        os.kill(os.getpid(), number)
        assert hurried == [True]
        assert interruption.hurried


def test_without_a_signal_waiting_takes_its_time() -> None:
    with Interruption() as interruption:
        start = time.monotonic()
        interruption.pause(0.02)
        assert time.monotonic() - start >= 0.02


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) != before

    assert signal.getsignal(signal.SIGINT) == before
