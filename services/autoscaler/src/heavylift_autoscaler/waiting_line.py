"""How many slots steady work needs, so that few tasks wait longer than was promised: the formula of Erlang.

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone exchanges", 1917:
with ``n`` slots, offered work ``a`` (arrivals per second times seconds of run, so a number of slots) and tasks that come by
chance, a task has to wait with probability ``C(n, a)``, and longer than ``t`` seconds with ``C(n, a) · exp((a - n) · t / S)``.
"""

import math
from typing import Final

LATE: Final = 0.01  # of the tasks may wait longer than promised on an ordinary day
LARGEST: Final = 10_000  # slots; so many need no allowance for chance that would be worth the computing


def steady_slots(offered: float, seconds: float, wait: float, utilisation: float) -> float:
    """Slots for ``offered`` work in tasks of ``seconds``, of which few may wait longer than ``wait`` seconds.

    At most ``utilisation`` of them are busy. That is what counts where tasks are short beside the promise; where they are long
    beside it, more have to stand idle, for nobody gets free in time.
    """
    if offered <= 0:
        return 0.0
    least = offered / utilisation
    if offered > LARGEST:
        return least
    return max(least, float(_erlang(offered, wait / max(seconds, 1e-9))))


def _erlang(offered: float, wait_in_runs: float) -> int:
    """The fewest slots, by the recursion of Erlang's B: ``B(n) = a·B(n-1) / (n + a·B(n-1))``."""
    blocked, n = 1.0, 0
    while True:
        n += 1
        blocked = offered * blocked / (n + offered * blocked)
        spare = n - offered
        if spare <= 0:
            continue
        waits = n * blocked / (n - offered * (1 - blocked))
        if waits * math.exp(-spare * wait_in_runs) <= LATE:
            return n
