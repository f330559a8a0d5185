"""Brings a load to a pool, each task at its moment."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final

from bench.live.pitch import Pitch
from bench.scaling.load import Work
from tests.e2e.support.entrance import Entrance

KIND: Final = "chaos.work"
BUSY: Final = 1 / 75  #: Of the time that a task runs it computes; the rest it waits, as for somebody else's answer.


@contextmanager
def driven(pitches: Sequence[Pitch], works: Sequence[Work], tag: str, begin: float) -> Iterator[None]:
    """The same for all of them at the same time, from ``begin`` on; it is over when every task is submitted."""
    threads = [threading.Thread(target=_drive, args=(pitch, works, tag, begin)) for pitch in pitches]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def submit_backlog(entrance: Entrance, pitch: Pitch, works: Sequence[Work], tag: str) -> None:
    """All of it at once."""
    entrance.submit_batch(KIND, [payload(pitch, work, tag) for work in works], tag)


def payload(pitch: Pitch, work: Work, tag: str) -> dict[str, Any]:
    """What a task is told."""
    return {"token": tag, "journal": pitch.stand.journal_url, "seconds": work.seconds, "busy": work.seconds * BUSY}


def _drive(pitch: Pitch, works: Sequence[Work], tag: str, begin: float) -> None:
    with pitch.stand.connect() as entrance:
        for at, together in groupby(works, key=lambda work: work.at):
            time.sleep(max(0.0, begin + at - time.time()))
            submit_backlog(entrance, pitch, list(together), tag)
