"""A load as it was: from the log of a worker, or from a table."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.scaling.load import Load, Work

AFTER = 600.0  # seconds that are looked at beyond the last task, as pods stay for a while


def recorded(path: Path, wait: float = 30.0, slots: int = 1, maximum: int = 60) -> Load:
    """The tasks of a file, from its first one on.

    A JSON log of workers has a line for each attempt that ended (``task.ended``). Any other file has lines ``at,seconds,kind``:
    seconds since some beginning, seconds of run, and perhaps the kind.
    """
    text = path.read_text()
    found = sorted(_logged(text) if text.startswith("{") else _listed(text), key=lambda work: work.at)
    begin = found[0].at if found else 0.0
    tasks = tuple(Work(round(work.at - begin, 3), work.seconds, work.kind) for work in found)
    length = (tasks[-1].at if tasks else 0.0) + AFTER
    return Load(path.stem, f"recorded in {path.name}", tasks, length, wait, slots, maximum)


def _listed(text: str) -> Iterator[Work]:
    for row in csv.reader(text.splitlines()):
        if row:
            yield Work(float(row[0]), float(row[1]), row[2] if len(row) > 2 else "task")


def _logged(text: str) -> Iterator[Work]:
    lines = (json.loads(line) for line in text.splitlines() if line.startswith("{"))
    return (_attempt(line) for line in lines if line.get("event") == "task.ended")


def _attempt(line: dict[str, Any]) -> Work:
    """It came when it was submitted; one that was tried again came when it began, as its pause is not known."""
    seconds = line.get("duration", 0.0)  # a line of the log leaves out what is zero
    since = line.get("since_submit", 0.0) if line["attempt"] == 1 else seconds
    return Work(datetime.fromisoformat(line["timestamp"]).timestamp() - since, seconds, line["kind"])
