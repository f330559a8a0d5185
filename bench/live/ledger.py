"""What became of the tasks of a load: their records, and the marks that each of their runs has left."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bench.live.kubectl import forwarded
from bench.live.pitch import Pitch
from bench.live.seen import TaskLife
from tests.chaos.history import Run
from tests.chaos.journal import Journal
from tests.e2e.support import journal as pod
from tests.support.eventually import eventually


def read(pitch: Pitch, tag: str, *, within: float = 300.0) -> list[TaskLife]:
    """All tasks with a tag, once all of them have ended or the seconds are over."""
    with pitch.stand.connect() as entrance:
        try:
            eventually(lambda: entrance.live(tag), holds=lambda live: not live, within=within, claim="the end of the load")
        finally:
            records = entrance.tasks(tag=tag)
    return joined(records, runs(pitch))


def runs(pitch: Pitch) -> tuple[Run, ...]:
    """Every run that there ever was in a pool."""
    with forwarded(pitch.namespace, pod.NAME, 6379) as port:
        journal = Journal(f"redis://127.0.0.1:{port}/0")
        found = journal.runs()
        journal.close()
    return found


def joined(records: Iterable[Mapping[str, Any]], runs: Iterable[Run]) -> list[TaskLife]:
    """Records with their runs, in the order of submission. Pure."""
    by_task: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_task[run.held.task].append(run)
    lives = [_life(record, by_task[record["id"]]) for record in records]
    return sorted(lives, key=lambda life: life.submitted)


def _life(record: Mapping[str, Any], runs: Sequence[Run]) -> TaskLife:
    return TaskLife(
        id=record["id"],
        submitted=datetime.fromisoformat(record["submitted_at"]).timestamp(),
        began=tuple(sorted(run.began for run in runs)),
        cut=sum(run.ended is None for run in runs),
        state=record["state"],
        attempt=record["attempt"],
    )
