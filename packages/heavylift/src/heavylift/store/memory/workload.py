"""What the workers have before them."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from heavylift.record import Executor, Record
from heavylift.schedule import KeptSchedule, queue_of
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import LANES, Foreseen, Line, Runs, stream_of
from heavylift.store.calls.workload import SAMPLE
from heavylift.store.memory.pauses import pause_of
from heavylift.store.memory.tables import Tables

LineName = tuple[str, Executor]


def workload(tables: Tables, call: calls.Workload) -> calls.WorkloadReply:
    soon = _soon(tables, call.horizon)
    names = {(queue, executor) for queue in tables.queues for executor in Executor} | set(soon)
    lines = (_line(tables, name, soon.get(name, {})) for name in sorted(names))
    runs = tuple(sorted(tables.runs.values(), key=lambda r: (r.queue, r.executor, r.kind)))
    paused = frozenset(queue for queue in tables.queues if pause_of(tables, queue))
    known = tuple(line for line in lines if line is not None)
    return calls.WorkloadReply(tables.now(), known, runs, paused, _foreseen(tables, call.horizon))


def tell_runs(tables: Tables, call: calls.TellRuns) -> None:
    for told in call.runs:
        if told.queue not in tables.queues:
            continue
        place = told.queue, told.executor, told.kind
        before = tables.runs.get(place, Runs(*place, 0, 0.0))
        tables.runs[place] = Runs(*place, before.attempts + told.attempts, before.seconds + told.seconds)


def _line(tables: Tables, name: LineName, due: dict[str, float]) -> Line | None:
    held = {id_ for consumer in tables.consumers.values() for id_ in consumer.held}  # running, or taken by a wait
    running = sum((tables.tasks[id_].record.queue, tables.tasks[id_].record.executor) == name for id_ in held)
    streams = [tables.streams.get(stream_of(*name, lane), ()) for lane in LANES]
    waiting = [[tables.tasks[id_].record for _, id_ in stream] for stream in streams]
    ready = [record for lane in waiting for record in lane]
    if not (ready or running or due):
        return None
    ages = [(tables.now() - record.queued_at).total_seconds() for record in ready if record.queued_at]
    kinds: defaultdict[str, float] = defaultdict(float, due)
    for lane in waiting:
        sample = lane if len(lane) <= SAMPLE else [*lane[: SAMPLE // 2], *lane[-SAMPLE // 2 :]]
        for record in sample:
            kinds[record.kind] += len(lane) / len(sample)
    shares = {kind: round(number, 3) for kind, number in kinds.items()}
    oldest, newest = max(ages, default=0.0), min(ages, default=0.0)
    return Line(*name, len(ready), running, math.floor(sum(due.values()) + 0.5), oldest, newest, shares)


def _foreseen(tables: Tables, horizon: float) -> tuple[Foreseen, ...]:
    now = tables.now()
    ends = now + timedelta(seconds=horizon)
    coming = [kept for kept in tables.schedules.values() if kept.next_at is not None and kept.next_at <= ends]
    coming.sort(key=lambda kept: (kept.next_at or now, queue_of(kept.schedule), kept.schedule.kind))
    return tuple(_of_schedule(kept, now, ends) for kept in coming[: 4 * SAMPLE])


def _of_schedule(kept: KeptSchedule, now: datetime, ends: datetime) -> Foreseen:
    at, schedule = kept.next_at or now, kept.schedule
    times = int((ends - max(at, now)).total_seconds() / kept.apart) + 1 if kept.apart else 1
    return Foreseen(queue_of(schedule), schedule.executor, schedule.kind, times, at)


def _soon(tables: Tables, horizon: float) -> dict[LineName, dict[str, float]]:
    until = tables.now() + timedelta(seconds=horizon)
    soon = [kept.record for kept in tables.in_states(State.SCHEDULED) if kept.record.due_at and kept.record.due_at <= until]
    soon.sort(key=lambda record: (record.due_at, record.id))
    looked_at = min(len(soon), SAMPLE)
    found: dict[LineName, Counter[str]] = {}
    for record in _spread(soon, looked_at):
        found.setdefault((record.queue, record.executor), Counter())[record.kind] += 1
    each = len(soon) / looked_at if looked_at else 0.0
    return {name: {kind: number * each for kind, number in kinds.items()} for name, kinds in found.items()}


def _spread(soon: list[Record], looked_at: int) -> Iterable[Record]:
    return (soon[i * len(soon) // looked_at] for i in range(looked_at))
