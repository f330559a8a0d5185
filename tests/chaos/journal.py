"""Where every run of a chaos task leaves a mark at its start and at its end: another redis-server, which no fault touches.

Its clock is the clock of the campaign: the id of a mark is the millisecond in which this server received it, whatever the clock
of the worker says.
"""

import os
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import redis

from tests.chaos.history import Effect, Held, Run

_MARKS: Final = "marks"  # stream of every mark
_EFFECTS: Final = "effects"  # stream of every effect
_LAST: Final = "last"  # hash: process and thread → the run that it began last, and whether it has ended
_PAGE: Final = 10_000
_PATIENCE: Final = 20.0  # seconds for the first connection: not every node of a cluster knows a new Service at once


@contextmanager
def marked(url: str, held: Held) -> Iterator[None]:
    """In a task: leave the marks of one run."""
    _mark(url, held, "began")
    try:
        yield
    finally:
        _mark(url, held, "ended")


def bring_about(url: str, held: Held, name: str) -> str:
    """In a task: an effect. It leaves a mark, and that is all it does."""
    _client(url).xadd(_EFFECTS, {"run": _text(held), "name": name})
    return name


def _mark(url: str, held: Held, what: str) -> None:
    run, pid = _text(held), os.getpid()
    pipeline = _client(url).pipeline(transaction=True)
    pipeline.xadd(_MARKS, {"what": what, "run": run, "pid": pid, "clocks": f"{time.time()} {datetime.now(UTC).timestamp()}"})
    pipeline.hset(_LAST, f"{pid} {threading.get_native_id()}", f"{run} {what}")
    pipeline.execute()


_making = threading.Lock()


def _client(url: str) -> "redis.Redis":
    with _making:  # of two that threads made at once one would be thrown away, and close its connections under the other's hands
        return _made_client(url)


@cache
def _made_client(url: str) -> "redis.Redis":
    # Made by the first task of a child, never before its fork: two processes on one connection would mix their marks.
    client: redis.Redis = redis.Redis.from_url(url, decode_responses=True)
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return client


@dataclass(frozen=True, slots=True)
class LastRun:
    """What a thread of a process began last, and whether it runs."""

    pid: int
    held: Held
    running: bool


class Journal:
    """The reader's side."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._redis: Any = redis.Redis.from_url(url, decode_responses=True)

    def now(self) -> float:
        """Seconds since the epoch."""
        seconds, microseconds = self._redis.time()
        return float(seconds + microseconds / 1e6)

    def last_runs(self, pids: Collection[int]) -> list[LastRun]:
        """What the threads of these processes began last; nothing for one that has not begun anything."""
        self._redis.ping()  # marks sent before this call, also by a process that is stopped by now, are read before the answer
        texts: dict[str, str] = self._redis.hgetall(_LAST)
        runs = [_last_run(int(where.split()[0]), text) for where, text in texts.items()]
        return [run for run in runs if run.pid in pids]

    def skews(self, pids: Collection[int], *, since: float) -> list[tuple[float, float]]:
        """Seconds by which the two clocks of these processes, ``time`` and ``datetime``, were ahead in each mark since then."""
        entries = self._redis.xrange(_MARKS, min=f"{int(since * 1000)}", max="+")
        return [_skew(id_, fields) for id_, fields in entries if int(fields["pid"]) in pids]

    def runs(self) -> tuple[Run, ...]:
        """Every run, in the order of beginning."""
        found: dict[tuple[str, str], Run] = {}
        for id_, fields in self._entries(_MARKS):
            key = fields["run"], fields["pid"]
            if fields["what"] == "began":
                found[key] = Run(_held(fields["run"]), int(fields["pid"]), _seconds(id_), None)
            else:
                found[key] = replace(found[key], ended=_seconds(id_))
        return tuple(found.values())

    def effects(self) -> tuple[Effect, ...]:
        """Every effect that was brought about."""
        found = [(_held(fields["run"]), fields["name"]) for _, fields in self._entries(_EFFECTS)]
        return tuple(Effect(held.task, held.fence, name) for held, name in found)

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()

    def _entries(self, stream: str) -> Iterator[tuple[str, dict[str, str]]]:
        after = "-"
        while page := self._redis.xrange(stream, min=after, max="+", count=_PAGE):
            yield from page
            after = f"({page[-1][0]}"


def _last_run(pid: int, text: str) -> LastRun:
    run, _, what = text.rpartition(" ")
    return LastRun(pid, _held(run), running=what == "began")


def _text(held: Held) -> str:
    return f"{held.task} {held.fence} {held.attempt}"


def _held(run: str) -> Held:
    task, fence, attempt = run.split()
    return Held(task, int(fence), int(attempt))


def _seconds(id_: str) -> float:
    return int(id_.partition("-")[0]) / 1000


def _skew(id_: str, fields: dict[str, str]) -> tuple[float, float]:
    by_time, by_datetime = map(float, fields["clocks"].split())
    return by_time - _seconds(id_), by_datetime - _seconds(id_)
