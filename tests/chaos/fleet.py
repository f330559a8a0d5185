"""The workers under test: real processes that are started, hurt and replaced."""

import os
import signal
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.chaos.journal import Journal
from tests.support.eventually import eventually
from tests.support.service import ROOT
from tests.support.worker import WorkerProcess, children_of

_CLOCK: Final = ROOT / "tests" / "chaos" / "clock"

#: Deaths that a task may cause before it is quarantined: here tasks are innocent, and chance may hit one many times.
_FORBEARANCE: Final = "100000"


@dataclass(frozen=True, slots=True)
class Family:
    """The processes of one worker at one moment."""

    guardian: int
    nursery: int
    children: tuple[int, ...]

    @property
    def everybody(self) -> tuple[int, ...]:
        """All of them, those first who would notice that others are gone."""
        return (self.guardian, self.nursery, *self.children)


class Worker(WorkerProcess):
    """A worker with one child of kind ``threads`` and others of kind ``process``.

    Its wall clock can be stepped where it has a file for that. It makes way for Redis, whose silence is to be of our making.
    """

    prefix = ("nice", "-n", "5")

    def __init__(self, url: str, namespace: str, *, children: int, lease: float, clock: Path | None) -> None:
        settings = {
            "HEAVYLIFT_WORKER_TASKS": "tests.chaos.tasks",
            "HEAVYLIFT_WORKER_CONCURRENCY": str(children - 1),
            "HEAVYLIFT_WORKER_THREAD_CHILDREN": "1",
            "HEAVYLIFT_WORKER_THREADS": "4",
            "HEAVYLIFT_WORKER_ASYNCIO_CHILDREN": "0",
            "HEAVYLIFT_WORKER_LEASE": str(lease),
            "HEAVYLIFT_WORKER_MAX_DELIVERIES": _FORBEARANCE,
            "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "warning",
        }
        if clock is not None:
            settings |= {"CHAOS_CLOCK": str(clock), "PYTHONPATH": f"{_CLOCK}{os.pathsep}{ROOT}"}
        super().__init__(url, namespace, **settings)
        self._clock = clock
        if clock is not None:
            self.step_clock(0.0)

    @property
    def steppable(self) -> bool:
        """Whether its clock can be stepped."""
        return self._clock is not None

    @property
    def runs(self) -> bool:
        """Whether its guardian has been started and not ended."""
        return self._process is not None and self._process.poll() is None

    def step_clock(self, seconds: float) -> None:
        """Set its clock this far ahead of the true time."""
        assert self._clock is not None, "a worker without a clock of its own"
        data = struct.pack("<d", seconds)
        if not self._clock.exists():
            self._clock.write_bytes(data)
        with self._clock.open("r+b") as file:  # in place: running processes have this very file mapped
            file.write(data)

    def family(self) -> Family | None:
        """Its processes, None while it is being born or dies."""
        nurseries = children_of(self.process.pid) if self.runs else []
        return Family(self.process.pid, nurseries[0], tuple(children_of(nurseries[0]))) if nurseries else None


class Fleet:
    """Several workers. One of them, the last, has a clock that can be stepped."""

    def __init__(self, url: str, namespace: str, *, workers: int, children: int, lease: float, folder: Path) -> None:
        self.size = workers * children
        clocks = [None] * (workers - 1) + [folder / "clock"]
        self.workers = [Worker(url, namespace, children=children, lease=lease, clock=clock) for clock in clocks]

    def at_work(self, journal: Journal) -> list[tuple[Worker, Family]]:
        """Workers whose children, at least one, have run something already."""
        families = [(worker, worker.family()) for worker in self.workers]
        return [(worker, family) for worker, family in families if family and journal.last_runs(family.children)]

    def await_whole(self, *, within: float = 60.0) -> None:
        """Until every worker is ready and has all its children."""
        eventually(
            lambda: [worker.base for worker in self.workers if not worker.is_ready()],
            holds=lambda unready: not unready,
            within=within,
            claim="the readiness of all workers",
        )
        eventually(lambda: sum(len(worker.children()) for worker in self.workers), holds=self.size.__eq__, claim="all children")

    def find_dead(self) -> list[Worker]:
        """Workers that have ended."""
        return [worker for worker in self.workers if not worker.runs]

    def logs(self) -> str:
        """What all of them have written."""
        return "\n".join(worker.log() for worker in self.workers)

    def leave(self) -> list[int]:
        """Let every worker leave in order; their exit codes."""
        for worker in self.workers:
            worker.process.send_signal(signal.SIGTERM)
        return [worker.process.wait(timeout=60) for worker in self.workers]

    def __enter__(self) -> Self:
        for worker in self.workers:
            worker.launch()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in self.workers:
            worker.stop()


def await_gone(pids: Iterable[int], *, within: float = 10.0) -> None:
    """Until none of these processes runs."""
    eventually(lambda: [pid for pid in pids if _is_alive(pid)], holds=lambda alive: not alive, within=within, claim="their end")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
