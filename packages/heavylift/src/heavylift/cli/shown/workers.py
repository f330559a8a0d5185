"""How workers are told to a person at a terminal."""

from collections.abc import Sequence
from typing import Final

from heavylift.cli.fitting import Column
from heavylift.cli.tables import Cell, Row, say_table
from heavylift.cli.terminal import say
from heavylift.cli.text import age
from heavylift.client.values import Worker

_COLUMNS: Final = (
    Column("HOST"),
    Column("CHILD", spare=3),
    Column("TAKES", spare=2),
    Column("OF QUEUES", spare=1),
    Column("IN HAND", whole=True),
    Column("RUNS"),
    Column("STANDING", whole=True),
)


def say_workers(workers: Sequence[Worker]) -> None:
    """A line for each."""
    if workers:
        say_table(_COLUMNS, [_row(worker) for worker in workers])
    else:
        say("No worker lives that you may see: start one, with heavylift worker or heavylift dev.")


def _row(worker: Worker) -> Row:
    return (
        worker.host,
        worker.name.rpartition("/")[2],
        ", ".join(worker.executors),
        ", ".join(worker.queues),
        str(worker.in_hand),
        _runs(worker),
        Cell("rests", "yellow") if worker.rests else Cell("takes tasks", "green"),
    )


def _runs(worker: Worker) -> str:
    """The task that it has had the longest, and how many more there are."""
    if not worker.running:
        return ""
    first = min(worker.running, key=lambda task: task.since)
    more = f" and {worker.in_hand - 1} more" if worker.in_hand > 1 else ""
    return f"{first.kind} {first.id}, begun {age(first.since)}{more}"
