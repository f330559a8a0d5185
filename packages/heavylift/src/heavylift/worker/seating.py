"""Which kinds of children a worker has, and which lines each of them serves. Pure."""

from typing import Self

from heavylift.record import Executor
from heavylift.settings import WorkerSettings


class Seating(tuple[Executor, ...]):
    """The kind of the child in each slot.

    Every line is served: that of a kind which this worker has no child of is read by the children of its first kind, which can
    run any task in their own way.
    """

    __slots__ = ()

    @classmethod
    def of(cls, settings: WorkerSettings, *, processes: int) -> Self:
        """The children that the settings ask for, with this number of kind ``process``."""
        kinds = (
            (Executor.PROCESS, processes),
            (Executor.THREADS, settings.thread_children),
            (Executor.ASYNCIO, settings.asyncio_children),
        )
        return cls(executor for executor, number in kinds for _ in range(number))

    def lines_of(self, executor: Executor) -> tuple[Executor, ...]:
        """The kinds whose lines a child of this kind reads, its own first."""
        missing = tuple(other for other in Executor if other not in self)
        return (executor, *missing) if executor is self[0] else (executor,)
