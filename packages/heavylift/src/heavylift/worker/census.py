"""What the children are and do at this moment, for those who ask the worker."""

from dataclasses import dataclass
from typing import Any

from heavylift.record import Executor
from heavylift.settings import WorkerSettings
from heavylift.worker.memory import resident
from heavylift.worker.seats import Seats
from heavylift.worker.slots import Running, Slots


@dataclass(frozen=True, slots=True)
class Census:
    """Reads what the supervisor and the children write; from any thread."""

    seats: Seats
    slots: Slots
    settings: WorkerSettings

    def consumers(self) -> list[str]:
        """The names under which the children claim."""
        return self.seats.consumers()

    def running(self) -> dict[str, tuple[Running | None, int]]:
        """For each child of kind ``process``, by its name, what it runs, and its pid."""
        return {
            seat.consumer: (self.slots.read(seat.slot), pid)
            for seat, pid in self.seats.living()
            if seat.executor is Executor.PROCESS and seat.consumer is not None
        }

    def pids(self) -> dict[str, int]:
        """The pid of each child, by its name."""
        return {seat.consumer: pid for seat, pid in self.seats.living() if seat.consumer is not None}

    def active(self) -> int:
        """Tasks that run."""
        return sum(self.slots.held(seat.slot) for seat in self.seats)

    def staying(self, executor: Executor) -> int:
        """Children of a kind, without those that leave."""
        return sum(seat.executor is executor and not seat.closing for seat in self.seats)

    def weights(self) -> dict[str, float]:
        """MiB of resident memory of each child, by its name."""
        return {name: round(resident(pid), 1) for name, pid in self.pids().items()}

    def describe(self) -> dict[str, Any]:
        """For ``celery inspect stats``, in the words that Celery's pools use where they have some."""
        living = self.seats.living()
        return {
            "max-concurrency": sum(self._places(seat.executor) for seat in self.seats if not seat.closing),
            "processes": [pid for _, pid in living],
            "max-tasks-per-child": self.settings.max_tasks_per_child or "N/A",
            "children": len(living),
            "kinds": {kind.value: number for kind in Executor if (number := self.staying(kind))},
            "running": self.active(),
        }

    def _places(self, executor: Executor) -> int:
        match executor:
            case Executor.PROCESS:
                return 1
            case Executor.THREADS:
                return self.settings.threads
            case Executor.ASYNCIO:
                return self.settings.coroutines
