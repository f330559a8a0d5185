"""The shape of everything that is measured: a Redis of its own, a program that submits, a worker, and facts in Redis."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Self

import redis

from bench import process_tree
from bench.environments import python_of
from bench.places import PEERS
from heavylift.local import processes
from heavylift.local.redis_server import EmbeddedRedis

DISTANCE: Final = 0.02  #: Seconds between two looks at the progress.


class Stalled(Exception):
    """A worker that ended or did not come on."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a worker is run: its kind, processes, and tasks at once in each of them where the library has that."""

    kind: str
    processes: int
    slots: int = 1


class System:
    """One run of one library: fresh Redis, and a worker once it is started. A context manager; nothing survives it."""

    peer: ClassVar[str]  #: Its folder below bench/peers.
    batch: ClassVar[int] = 100  #: Tasks per call where it can submit several; 1 where it cannot.
    delays: ClassVar[bool] = True  #: Whether it can hold a task back for a time.

    def __init__(self, shape: Shape, *, python: Path | None = None) -> None:
        self.shape = shape
        self.submitted = 0
        self._chosen = python
        self._worker: subprocess.Popen[bytes] | None = None
        self._directory = tempfile.TemporaryDirectory(prefix="bench-")

    # What each library says of itself.

    def worker_command(self, python: Path) -> Sequence[str]:
        """The command line of its worker, quiet below warnings."""
        raise NotImplementedError

    def worker_variables(self) -> Mapping[str, str]:
        """Environment variables that its worker reads."""
        return {}

    def queued(self) -> int:
        """Tasks that wait in Redis to be taken."""
        raise NotImplementedError

    def done(self) -> int:
        """Tasks whose completion is in Redis; asked often, so it is one command in constant time."""
        raise NotImplementedError

    def results(self) -> int:
        """Results that are stored; asked once."""
        return self.done()

    # What all have in common.

    def prepare(self) -> None:
        """Make its environment and start its Redis."""
        self._python = self._chosen or python_of(self.peer)
        self.redis = EmbeddedRedis().start()
        self.client = redis.Redis.from_url(self.redis.url, decode_responses=True)
        self.result_client = redis.Redis.from_url(self.redis.url.removesuffix("/0") + "/1", decode_responses=True)

    def submit(
        self, duty: str, count: int, *, batch: int = 1, pace: float = 0.0, delay: float = 0.0, seconds: float = 0.0
    ) -> dict[str, float]:
        """Run its submitting program to the end. Returns the seconds and processor seconds it took for how many."""
        options = {"duty": duty, "count": count, "batch": batch, "pace": pace, "delay": delay, "path": self.stamps}
        options["seconds"] = seconds
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        finished = subprocess.run(
            [str(self._python), "submit.py", *arguments],
            cwd=self._folder,
            env=self._environment(),
            check=True,
            stdout=subprocess.PIPE,
        )
        self.submitted += count
        taken: dict[str, float] = json.loads(finished.stdout)
        return taken

    def fill(self, count: int, *, delay: float = 0.0) -> None:
        """Submit no-ops, and see that they are in Redis."""
        before = self.queued()
        self.submit("noop", count, batch=self.batch, delay=delay)
        if not delay and self.queued() != before + count:
            raise Stalled(f"{self.peer} submitted {count} tasks, and {self.queued() - before} are queued")

    def start(self) -> None:
        """Start its worker."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the worker
        command = list(self.worker_command(self._python))
        environment = self._environment() | dict(self.worker_variables())
        self._worker = processes.start(command, environment=environment, directory=self._folder, output=self._log)

    def await_ready(self) -> None:
        """Return when the worker has done a few tasks in each of its slots."""
        self.submit("noop", 2 * self.shape.processes * min(self.shape.slots, 8))
        self.await_done(self.submitted, within=60)

    def make_known(self) -> None:
        """Have a worker come, do a few tasks and go: from then on its kinds of task are known."""
        self.start()
        self.await_ready()
        self.end_worker()

    def await_done(self, count: int, *, within: float, look: Callable[[], None] = lambda: None) -> None:
        """Return when so many tasks are done. Raises Stalled after ``within`` seconds, with the last words of the worker."""
        deadline = time.monotonic() + within
        while (done := self.done()) < count:
            look()
            if self.worker.poll() is not None:
                raise Stalled(
                    f"the worker of {self.peer} ended with {self.worker.returncode} after {done} tasks: {self._words()}"
                )
            if time.monotonic() > deadline:
                raise Stalled(f"{self.peer} did {done} of {count} tasks within {within} s: {self._words()}")
            time.sleep(DISTANCE)

    def stop(self) -> None:
        """End worker and Redis at once; what they hold is not needed any more."""
        self.end_worker()
        self.client.close()
        self.result_client.close()
        self.redis.kill()
        self._directory.cleanup()

    def end_worker(self) -> None:
        """End its worker at once, if it has one; another may be started."""
        if self._worker is not None:
            process_tree.kill(self._worker.pid)
            self._worker.wait()
            self._worker = None
            self._log.close()

    @property
    def worker(self) -> "subprocess.Popen[bytes]":
        """Its main process."""
        assert self._worker is not None, "not started"  # noqa: S101  a mistake of the caller
        return self._worker

    @property
    def stamps(self) -> Path:
        """The file in which tasks note times."""
        return Path(self._directory.name) / "stamps"

    def times(self) -> list[tuple[float, float]]:
        """The times that tasks have noted: beginning and end, in seconds since the epoch."""
        lines = self.stamps.read_text().splitlines() if self.stamps.exists() else []
        return [(float(began), float(ended)) for began, ended in (line.split() for line in lines)]

    @property
    def _folder(self) -> Path:
        return PEERS / self.peer

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        path = f"{self._python.parent}:{os.environ.get('PATH', '')}"
        return inherited | self.address | {"PATH": path, "PYTHONPATH": f"{PEERS}:{self._folder}"}

    @property
    def address(self) -> dict[str, str]:
        """What the programs of a peer are told of where they are."""
        shape = {"BENCH_SLOTS": str(self.shape.slots), "BENCH_KIND": self.shape.kind}
        return shape | {"BENCH_REDIS_PORT": str(self.redis.port)}

    def _words(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:].strip() or "(no words)"

    def __enter__(self) -> Self:
        self.prepare()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def matching(client: Any, pattern: str) -> int:
    """Keys of this pattern."""
    return sum(1 for _ in client.scan_iter(match=pattern, count=1000))
