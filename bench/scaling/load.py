"""What comes in: tasks, each with its time and how long it runs, drawn from a seed."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Work:
    """A task that comes ``at`` a second and runs ``seconds``. It goes back to its queue until it has had so many ``lives``."""

    at: float
    seconds: float
    kind: str = "task"
    lives: int = 1
    foreseen: bool = False  #: Whether it comes by a schedule, and so is known beforehand.


@dataclass(frozen=True, slots=True)
class Load:
    """Tasks in the order of their times, and the seconds for which they are looked at.

    ``wait`` is promised, and a pod has so many ``slots``.
    """

    name: str
    text: str
    tasks: tuple[Work, ...]
    length: float
    wait: float = 30.0
    slots: int = 1
    maximum: int = 60

    @property
    def work(self) -> float:
        """Seconds of run, all together."""
        return sum(task.seconds * task.lives for task in self.tasks)


def steady(seed: int, hours: float = 2.0) -> Load:
    """The same all the time."""
    draw = random.Random(seed)
    tasks = coming(draw, lambda _: 10.0, hours * HOUR, lambda: draw.expovariate(1 / 0.8))
    return Load("steady", "10 tasks of 0.8 s a second", tasks, hours * HOUR)


def step(seed: int, hours: float = 3.0) -> Load:
    """Little, then much at once for a good while, then little again."""
    draw, begin, end = random.Random(seed), 0.1 * hours * HOUR, 0.8 * hours * HOUR
    tasks = coming(draw, lambda t: 25.0 if begin <= t < end else 1.0, hours * HOUR, lambda: draw.expovariate(1 / 0.8))
    return Load("step", "1 task of 0.8 s a second, then 25, then 1", tasks, hours * HOUR)


def burst(seed: int, hours: float = 1.0) -> Load:
    """Nothing, and many at one moment, again and again."""
    draw = random.Random(seed)
    moments = [hours * HOUR * share for share in (0.05, 0.4, 0.75)]
    tasks = tuple(Work(moment, draw.uniform(0.5, 1.5)) for moment in moments for _ in range(600))
    return Load("burst", "600 tasks of 1 s at one moment, three times in an hour", tasks, hours * HOUR)


def wave(seed: int, hours: float = 24.0) -> Load:
    """A day: little at night, much at noon."""
    draw = random.Random(seed)

    def rate(t: float) -> float:
        return 3.0 - 2.7 * math.cos(2 * math.pi * t / (hours * HOUR))

    tasks = coming(draw, rate, hours * HOUR, lambda: draw.expovariate(1 / 2.0))
    return Load("wave", "a day of 0.3 to 5.7 tasks of 2 s a second", tasks, hours * HOUR)


def long_tailed(seed: int, hours: float = 4.0) -> Load:
    """Most tasks are short, and some of another kind are very long, of which once many come together."""
    draw = random.Random(seed)
    short = coming(draw, lambda _: 5.0, hours * HOUR, lambda: min(20.0, draw.lognormvariate(-1.0, 1.2)), "short")
    long = coming(draw, lambda _: 0.01, hours * HOUR, lambda: min(900.0, draw.lognormvariate(4.5, 0.8)), "long")
    several = tuple(Work(0.5 * hours * HOUR, min(900.0, draw.lognormvariate(4.5, 0.8)), "long") for _ in range(20))
    tasks = tuple(sorted((*short, *long, *several), key=lambda task: task.at))
    return Load("long tail", "short tasks, and some of minutes, of which once 20 together", tasks, hours * HOUR)


def poison(seed: int, hours: float = 2.0) -> Load:
    """Among others come some that take their process with them after a while, three times each."""
    draw = random.Random(seed)
    good = coming(draw, lambda _: 5.0, hours * HOUR, lambda: draw.expovariate(1 / 0.8))
    bad = tuple(Work(0.4 * hours * HOUR + draw.uniform(0, 60), 20.0, "poison", lives=3) for _ in range(40))
    return Load(
        "poison",
        "5 tasks of 0.8 s a second, and 40 that die thrice after 20 s",
        tuple(sorted((*good, *bad), key=lambda t: t.at)),
        hours * HOUR,
    )


def shared_pods(seed: int, hours: float = 2.0) -> Load:
    """Pods of several slots, tasks that last, and a wait that is short beside them."""
    draw, begin, end = random.Random(seed), 0.3 * hours * HOUR, 0.6 * hours * HOUR
    tasks = coming(draw, lambda t: 1.2 if begin <= t < end else 0.3, hours * HOUR, lambda: draw.uniform(20.0, 60.0))
    return Load(
        "shared pods", "tasks of 40 s in pods of 4 slots, promised to start within 10 s", tasks, hours * HOUR, wait=10.0, slots=4
    )


def cron(seed: int, hours: float = 1.0) -> Load:
    """Schedules that all come at the same minute, and are known beforehand."""
    tasks = _each_quarter(seed, hours, foreseen=True)
    return Load("cron", "300 schedules that come each quarter of an hour, tasks of 1 s", tasks, hours * HOUR, wait=10.0)


def cron_unseen(seed: int, hours: float = 1.0) -> Load:
    """The same tasks, of which nobody knows before they come."""
    tasks = _each_quarter(seed, hours, foreseen=False)
    return Load("cron unseen", "the same 300 tasks, not known beforehand", tasks, hours * HOUR, wait=10.0)


def _each_quarter(seed: int, hours: float, *, foreseen: bool) -> tuple[Work, ...]:
    draw, moments = random.Random(seed), range(900, int(hours * HOUR), 900)
    return tuple(Work(float(moment), draw.uniform(0.5, 1.5), foreseen=foreseen) for moment in moments for _ in range(300))


LOADS: tuple[Callable[..., Load], ...] = (steady, step, burst, wave, long_tailed, poison, shared_pods, cron, cron_unseen)


def coming(
    draw: random.Random, rate: Callable[[float], float], length: float, seconds: Callable[[], float], kind: str = "task"
) -> tuple[Work, ...]:
    """Tasks that come by chance, at a rate a second that changes, and last as long as ``seconds`` draws."""
    return tuple(Work(at, seconds(), kind) for at in _moments(draw, rate, length))


def _moments(draw: random.Random, rate: Callable[[float], float], length: float) -> Iterator[float]:
    """Times that come by chance at a rate that changes: at the highest one, and then some are left out."""
    highest = max(rate(length * i / 1000) for i in range(1001))
    at = 0.0 if highest else length
    while at < length and (at := at + draw.expovariate(highest)) < length:
        if draw.random() * highest < rate(at):
            yield at
