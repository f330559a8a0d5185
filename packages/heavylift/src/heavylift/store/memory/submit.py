"""A task comes in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from heavylift.batch import BatchItem
from heavylift.errors import QueueFull
from heavylift.idempotency import Unique, While
from heavylift.record import Accepted, Record, Room, Standing, Submission
from heavylift.state import TERMINAL, State
from heavylift.store import calls
from heavylift.store.calls.queues import BEAT
from heavylift.store.memory.answers import answered, keep_answer
from heavylift.store.memory.pauses import pause_of
from heavylift.store.memory.probe import refuse_replicas
from heavylift.store.memory.queues import limit_of, pulse_of, waiting_in
from heavylift.store.memory.tables import Entry, Tables


def submit(tables: Tables, call: calls.Submit) -> tuple[Accepted, ...]:
    refuse_replicas(call.durability)
    _check_room(tables, call.tasks)
    now = tables.now()
    return tuple(_submit_one(tables, task, now) for task in call.tasks)


def submit_each(tables: Tables, call: calls.SubmitEach) -> tuple[Accepted | QueueFull, ...]:
    refuse_replicas(call.durability)
    answers: list[Accepted | QueueFull] = []
    for task in call.tasks:
        try:
            _check_room(tables, (task,))
            answers.append(_submit_one(tables, task, tables.now()))
        except QueueFull as full:
            answers.append(full)
    return tuple(answers)


def _check_room(tables: Tables, tasks: Sequence[Submission]) -> None:
    """Raise QueueFull where there is no room for all that are new."""
    wanted = Counter(task.queue for task in tasks if not _asks_for_no_room(tables, task))
    for queue, number in wanted.items():
        limit, waiting = limit_of(tables, queue), waiting_in(tables, queue)
        if limit is not None and waiting + number > limit:
            tables.counters.setdefault(queue, Counter())
            pulse = pulse_of(tables, queue, BEAT)
            rate = 0.0 if pause_of(tables, queue) else None if pulse is None else pulse.ended
            raise calls.queue_full(queue, limit, waiting, rate)


def _asks_for_no_room(tables: Tables, task: Submission) -> bool:
    told = task.idempotency_key and answered(tables, task.idempotency_key, Accepted)
    holder = task.unique and _holder(tables, task.unique)
    return bool(task.onward or told or task.id in tables.tasks or holder or _quiet_one(tables, task))


def find_answer(tables: Tables, call: calls.FindAnswer) -> Accepted | None:
    refuse_replicas(call.durability)
    return answered(tables, call.key, Accepted)


def _submit_one(tables: Tables, task: Submission, now: datetime) -> Accepted:
    told = task.idempotency_key and answered(tables, task.idempotency_key, Accepted)
    if told:
        return told
    known = tables.tasks.get(task.id)
    if known is not None:
        if task.item and known.record.batch != task.item.batch:
            _spare(tables, task.item)
        return _told(
            task,
            known.record.state,
            known.record.submitted_at,
            Standing.KNOWN if known.record.tenant == task.tenant else Standing.TAKEN,
        )
    holder = task.unique and _holder(tables, task.unique)
    quiet = _quiet_one(tables, task)
    if quiet:
        _ask_again(tables, quiet, task)
    found = holder or quiet
    accepted = _existing(found, debounced=quiet is not None) if found else _new(tables, task, now)
    if found and task.item:
        _spare(tables, task.item)
    if task.idempotency_key:
        keep_answer(tables, task.idempotency_key, replace(accepted, room=None))  # which is another by then
    return accepted


def _new(tables: Tables, task: Submission, now: datetime) -> Accepted:
    state, limit = _record(tables, task, now).state, limit_of(tables, task.queue)
    room = None if limit is None or task.onward else Room(limit, max(0, limit - waiting_in(tables, task.queue)))
    return replace(_told(task, state, now, Standing.NEW), room=room)


def _told(task: Submission, state: State, submitted_at: datetime, standing: Standing) -> Accepted:
    return Accepted(
        id=task.id,
        kind=task.kind,
        queue=task.queue,
        state=state,
        submitted_at=submitted_at,
        traceparent=task.traceparent,
        standing=standing,
    )


def _holder(tables: Tables, unique: Unique) -> Entry | None:
    named = [kept for kept in tables.tasks.values() if kept.unique and kept.unique.name == unique.name]
    newest = max(named, key=lambda kept: kept.record.seq, default=None)
    return newest if newest and _holds(newest, tables.now()) else None


def _quiet_one(tables: Tables, task: Submission) -> Entry | None:
    """The task that waits for the key of a submission."""
    if task.debounce is None:
        return None
    named = [kept for kept in tables.tasks.values() if kept.debounce and kept.debounce.name == task.debounce.name]
    newest = max(named, key=lambda kept: kept.record.seq, default=None)
    waits = newest and newest.record.state is State.SCHEDULED and newest.record.fence == 0
    return newest if newest and waits and newest.record.due_at and newest.record.due_at > tables.now() else None


def _ask_again(tables: Tables, kept: Entry, task: Submission) -> None:
    assert kept.debounce is not None  # noqa: S101  it was found by it
    assert task.debounce is not None  # noqa: S101
    if kept.debounced_by == task.id:
        return
    due = tables.now() + timedelta(seconds=task.debounce.seconds)
    if kept.debounce.max_wait is not None:
        due = min(due, kept.record.submitted_at + timedelta(seconds=kept.debounce.max_wait))
    kept.record = replace(kept.record, payload=task.payload, form=task.form, due_at=due)
    kept.headers, kept.debounced_by = task.headers, task.id


def _holds(kept: Entry, now: datetime) -> bool:
    assert kept.unique is not None  # noqa: S101  it was found by it
    match kept.unique.held_while:
        case While.TTL:
            return now < kept.record.submitted_at + timedelta(seconds=kept.unique.ttl)
        case While.QUEUED:
            return kept.record.state in (State.SCHEDULED, State.QUEUED)
        case While.RUNNING:
            return kept.record.state not in TERMINAL


def _spare(tables: Tables, item: BatchItem) -> None:
    kept = tables.batches.get(item.batch)
    if kept is not None and item.number not in kept.spared:
        kept.spared.add(item.number)
        tables.count_in(item.batch, "spared")


def _existing(kept: Entry, *, debounced: bool) -> Accepted:
    record = kept.record
    return Accepted(
        id=record.id,
        kind=record.kind,
        queue=record.queue,
        state=record.state,
        submitted_at=record.submitted_at,
        traceparent=record.traceparent,
        standing=Standing.EXISTING,
        existing=True,
        debounced=debounced,
    )


def _record(tables: Tables, task: Submission, now: datetime) -> Record:
    delay = task.debounce.first_wait if task.debounce else task.delay
    due = now + timedelta(seconds=delay) if delay is not None else task.eta or now
    waits = due > now
    record = Record(
        id=task.id,
        kind=task.kind,
        state=State.SCHEDULED if waits else State.QUEUED,
        queue=task.queue,
        executor=task.executor,
        priority=task.priority,
        payload=task.payload,
        form=task.form,
        tags=task.tags,
        attempt=1,
        max_attempts=task.max_attempts,
        fence=0,
        deaths=0,
        submitted_at=now,
        due_at=due if waits else None,
        queued_at=None if waits else now,
        started_at=None,
        ended_at=None,
        expires_at=task.expires_at,
        worker=None,
        cancel_requested=False,
        progress=None,
        result=None,
        error=None,
        reason=None,
        fingerprint=None,
        traceparent=task.traceparent,
        tenant=task.tenant,
        seq=next(tables.sequence),
        batch=None if task.item is None else task.item.batch,
    )
    kept = tables.tasks[task.id] = Entry(record, task.headers, unique=task.unique, first_due_at=record.due_at)
    if task.debounce:
        kept.debounce, kept.debounced_by = task.debounce, task.id
    tables.order.append((record.seq, task.id))
    if not waits:
        tables.enqueue(kept, task.priority)
    tables.know(task.queue)
    tables.count(task.queue, "submitted")
    tables.count_in(record.batch, "made")
    return record
