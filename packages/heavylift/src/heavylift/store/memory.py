"""Runs calls in memory: for unit tests of ours and of applications, with a clock that the test holds in its hand.

It keeps the same promises as the scripts (one conformance suite holds both to them) and nothing else: one process, nothing kept.
"""

import itertools
import json
import math
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import singledispatchmethod
from typing import Any, TypeVar, cast

from heavylift.catalogue import Kind
from heavylift.errors import HeavyliftError, LeaseLost
from heavylift.outcome import Cancelled, Failed, Failure, Retry, Succeeded
from heavylift.record import Accepted, Delivery, Executor, Record, Submission
from heavylift.state import TERMINAL, TRANSITIONS, State
from heavylift.store import calls
from heavylift.store.calls import LANES, Call, HandedOn, Limits, Waiting, lines

Reply = TypeVar("Reply")


@dataclass(slots=True)
class _Entry:
    """What stands behind a record here: where its pointer is, and until when it is kept."""

    record: Record
    headers: str
    lane: str = ""
    entry: str = ""
    kept_until: datetime | None = None
    doubts: int = 0

    @property
    def suspect(self) -> bool:
        return self.doubts >= 2


@dataclass(slots=True)
class _Consumer:
    queues: tuple[str, ...]
    lease_ends: datetime
    held: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Claiming:
    """One claim under way."""

    name: str
    consumer: _Consumer
    wanted: int
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def room(self) -> int:
        return self.wanted - len(self.deliveries)


class MemoryStore:
    """A store in memory with the calls of the Redis stores. ``now`` is its clock."""

    def __init__(self, *, now: Callable[[], datetime] | None = None, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._now = now or (lambda: datetime.now(UTC))
        self._lock = threading.RLock()
        self._tasks: dict[str, _Entry] = {}
        self._order: list[tuple[int, str]] = []
        self._lanes: dict[tuple[str, str], deque[tuple[str, str]]] = {}
        self._consumers: dict[str, _Consumer] = {}
        self._counters: dict[str, Counter[str]] = {}
        self._kinds: dict[str, Kind] = {}
        self._sequence = itertools.count(1)
        self._entries = itertools.count(1)
        self._last_reap: datetime | None = None
        self._no_reap_before = self._now()

    def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises LeaseLost."""
        with self._lock:
            self._forget()
            return cast("Reply", self._run(call))

    def run_all(self, several: Sequence[Call[Any]]) -> list[Any]:
        """Ask several things in order. An error of one is returned in its place."""
        replies: list[Any] = []
        for call in several:
            try:
                replies.append(self.run(call))
            except HeavyliftError as error:
                replies.append(error)
        return replies

    @singledispatchmethod
    def _run(self, call: Call[Any]) -> Any:
        raise NotImplementedError(f"the memory store does not know {type(call).__name__}")

    @_run.register
    def _submit(self, call: calls.Submit) -> tuple[Accepted, ...]:
        now = self._now()
        return tuple(self._submit_one(task, now) for task in call.tasks)

    def _submit_one(self, task: Submission, now: datetime) -> Accepted:
        known = self._tasks.get(task.id)
        if known is not None:
            return Accepted(id=task.id, state=known.record.state, submitted_at=known.record.submitted_at, duplicate=True)
        due = now + timedelta(seconds=task.delay) if task.delay is not None else task.eta or now
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
            traceparent=task.traceparent,
            seq=next(self._sequence),
        )
        kept = self._tasks[task.id] = _Entry(record, task.headers)
        self._order.append((record.seq, task.id))
        if not waits:
            self._enqueue(kept, task.priority)
        self._count(task.queue, "submitted")
        return Accepted(id=task.id, state=record.state, submitted_at=now)

    @_run.register
    def _register(self, call: calls.Register) -> None:
        former = self._consumers.get(call.consumer)
        held = {self._tasks[id_].record.id for id_ in (former.held if former else ())}
        for kept in sorted((self._tasks[id_] for id_ in held), key=_place):
            if kept.record.state is State.QUEUED:
                self._enqueue(kept, "returned")
            elif kept.record.id not in call.in_hand:
                self._give_back(kept)
        for queue in call.queues:
            self._counters.setdefault(queue, Counter())
        lease_ends = self._now() + timedelta(seconds=call.lease)
        self._consumers[call.consumer] = _Consumer(call.queues, lease_ends, held & set(call.in_hand))

    @_run.register
    def _claim(self, call: calls.Claim) -> tuple[Delivery, ...]:
        consumer = self._consumers.get(call.consumer)
        if consumer is None:
            raise LeaseLost
        claiming = _Claiming(call.consumer, consumer, call.count)
        for waiting in call.waiting:
            self._take(claiming, waiting.id, waiting.entry)
        for lane in (self._lane(line, lane) for line in lines(call.queues, call.executors) for lane in LANES):
            while lane and claiming.room:
                for entry, id_ in [lane.popleft() for _ in range(min(claiming.room, len(lane)))]:
                    self._take(claiming, id_, entry)
        return tuple(claiming.deliveries)

    def _take(self, claiming: "_Claiming", id_: str, entry: str) -> None:
        kept = self._tasks.get(id_)
        if kept is None or kept.record.state is not State.QUEUED or kept.entry != entry:
            return
        claiming.consumer.held.discard(id_)
        if self._too_late(kept.record):
            self._end(kept, State.EXPIRED)
            return
        if not claiming.room or (kept.suspect and claiming.deliveries):
            claiming.wanted = len(claiming.deliveries)
            self._enqueue(kept, "returned")
            return
        if kept.suspect:
            claiming.wanted = 1
        self._move(kept, State.RUNNING, fence=kept.record.fence + 1, worker=claiming.name, started_at=self._now())
        claiming.consumer.held.add(id_)
        claiming.deliveries.append(_delivery(kept))

    def wait(
        self,
        consumer: str,
        queues: Sequence[str],
        timeout: float,  # noqa: ARG002
        executors: Sequence[Executor] = (Executor.PROCESS,),
    ) -> tuple[Waiting, ...]:
        """Take the first entry of each lane for this consumer, without waiting: here nobody else could bring one."""
        with self._lock:
            taken = []
            for line, lane in itertools.product(lines(queues, executors), LANES) if consumer in self._consumers else ():
                entries = self._lane(line, lane)
                if entries:
                    entry, id_ = entries.popleft()
                    self._consumers[consumer].held.add(id_)
                    taken.append(Waiting(line, lane, entry, id_))
            return tuple(taken)

    @_run.register
    def _renew(self, call: calls.Renew) -> tuple[str, ...]:
        ends = self._now() + timedelta(seconds=call.lease)
        for name in call.consumers:
            if name in self._consumers:
                self._consumers[name].lease_ends = ends
        return tuple(name for name in call.consumers if name not in self._consumers)

    @_run.register
    def _complete(self, call: calls.Complete) -> tuple[bool, ...]:
        return tuple(self._complete_one(task) for task in call.ended)

    def _complete_one(self, task: calls.Ended) -> bool:
        kept = self._tasks.get(task.id)
        if kept is None or kept.record.fence != task.fence:
            return False
        state, fields = _ending(task.outcome)
        if kept.record.state is State.RUNNING:
            self._end(kept, state, **fields)
        return kept.record.state is state

    @_run.register
    def _reschedule(self, call: calls.Reschedule) -> tuple[bool, ...]:
        return tuple(self._reschedule_one(task) for task in call.ended)

    def _reschedule_one(self, task: calls.Ended) -> bool:
        assert isinstance(task.outcome, Retry)  # noqa: S101  the type of the field cannot say it
        kept = self._tasks.get(task.id)
        if kept is None or kept.record.fence != task.fence:
            return False
        if kept.record.state is not State.RUNNING:
            return kept.record.state is State.SCHEDULED
        error = _as_json(task.outcome.error)
        if kept.record.cancel_requested:
            self._end(kept, State.CANCELLED, error=error)
        else:
            due = self._now() + timedelta(seconds=task.outcome.delay)
            attempt = kept.record.attempt + 1
            self._move(kept, State.SCHEDULED, due_at=due, error=error, attempt=attempt, worker=None)
            self._count(kept.record.queue, "retried")
        return True

    @_run.register
    def _release(self, call: calls.Release) -> tuple[bool, ...]:
        return tuple(self._release_one(id_, fence) for id_, fence in call.held)

    def _release_one(self, id_: str, fence: int) -> bool:
        kept = self._tasks.get(id_)
        if kept is None or kept.record.fence != fence or kept.record.state is not State.RUNNING:
            return False
        self._give_back(kept)
        return True

    def _give_back(self, kept: _Entry) -> None:
        if kept.record.cancel_requested:
            self._end(kept, State.CANCELLED)
        else:
            self._requeue(kept)

    @_run.register
    def _hand_on(self, call: calls.HandOn) -> HandedOn:
        return self._end_consumer(call.consumer, call.cause, blame=call.blame, ran=call.ran, max_deaths=call.max_deaths)

    @_run.register
    def _reap(self, call: calls.Reap) -> tuple[HandedOn, ...]:
        now, lease = self._now(), timedelta(seconds=call.lease)
        if self._last_reap is None or now - self._last_reap > lease / 2:
            self._no_reap_before = now + lease
        self._last_reap = now
        if lease and now < self._no_reap_before:
            return ()
        ends = sorted((consumer.lease_ends, name) for name, consumer in self._consumers.items())
        dead = [name for end, name in ends if end <= self._now()][: call.count]
        return tuple(self._end_consumer(name, "its lease ended", blame=True, max_deaths=call.max_deaths) for name in dead)

    def _end_consumer(self, name: str, cause: str, *, blame: bool, max_deaths: float, ran: str = "") -> HandedOn:
        consumer = self._consumers.pop(name, None)
        held = sorted((self._tasks[id_] for id_ in consumer.held) if consumer else (), key=_place)
        requeued = [kept.record.id for kept in held if kept.record.state is State.QUEUED]
        buried: list[str] = []
        for kept in held:
            if kept.record.state is State.QUEUED:
                self._enqueue(kept, "returned")
        running = [kept for kept in held if kept.record.state is State.RUNNING]
        ran = running[0].record.id if not ran and len(running) == 1 else ran
        unclear = blame and not ran
        for kept in running:
            blamed = (blame and ran == kept.record.id) or (unclear and kept.suspect)
            deaths = kept.record.deaths + int(blamed)
            if kept.record.cancel_requested:
                self._end(kept, State.CANCELLED, deaths=deaths)
            elif blamed and deaths >= max_deaths:
                self._end(kept, State.FAILED, deaths=deaths, error=_quarantined(deaths, cause))
            else:
                kept.doubts += int(unclear)
                executor = Executor.PROCESS if kept.suspect else kept.record.executor
                self._requeue(kept, deaths=deaths, executor=executor)
            (buried if kept.record.ended else requeued).append(kept.record.id)
        return HandedOn(name, tuple(requeued), tuple(buried))

    @_run.register
    def _promote(self, call: calls.Promote) -> calls.Promoted:
        now = self._now()
        late = [kept for kept in self._in_states(State.SCHEDULED, State.QUEUED) if self._too_late(kept.record)]
        late.sort(key=lambda kept: (kept.record.expires_at, kept.record.id))
        for kept in late[: call.count]:
            self._end(kept, State.EXPIRED)
        due = [kept for kept in self._in_states(State.SCHEDULED) if _due(kept.record) <= now]
        due.sort(key=lambda kept: (_due(kept.record), kept.record.id))
        for kept in due[: call.count]:
            self._move(kept, State.QUEUED, queued_at=now)
            self._enqueue(kept, kept.record.priority)
        times = [_due(kept.record) for kept in self._in_states(State.SCHEDULED)]
        times += [
            kept.record.expires_at
            for kept in self._in_states(State.SCHEDULED, State.QUEUED)
            if kept.record.expires_at and kept.record.fence == 0
        ]
        next_due = max(0.0, (min(times) - now).total_seconds()) if times else None
        return calls.Promoted(_ids(due[: call.count]), _ids(late[: call.count]), next_due)

    @_run.register
    def _cancel(self, call: calls.Cancel) -> calls.CancelReply | None:
        kept = self._tasks.get(call.id)
        if kept is None:
            return None
        if kept.record.state in (State.SCHEDULED, State.QUEUED):
            self._end(kept, State.CANCELLED)
            return calls.CancelReply(State.CANCELLED, changed=True)
        if kept.record.state is State.RUNNING:
            first = not kept.record.cancel_requested
            kept.record = replace(kept.record, cancel_requested=True)
            return calls.CancelReply(State.RUNNING, changed=first)
        return calls.CancelReply(kept.record.state, changed=False)

    @_run.register
    def _progress(self, call: calls.Progress) -> bool:
        kept = self._tasks.get(call.id)
        if kept is None or kept.record.fence != call.fence or kept.record.state is not State.RUNNING:
            return False
        kept.record = replace(kept.record, progress=json.loads(json.dumps(call.progress)))
        return True

    @_run.register
    def _read(self, call: calls.Read) -> Record | None:
        kept = self._tasks.get(call.id)
        return kept.record if kept else None

    @_run.register
    def _list(self, call: calls.List) -> calls.Page:
        page: list[Record] = []
        last = math.inf if call.cursor is None else call.cursor
        newest_first = [record for record in reversed(self._index(call)) if record.seq < last]
        for examined, record in enumerate(newest_first):
            if examined == call.BUDGET or len(page) == call.count:
                return calls.Page(tuple(page), newest_first[examined - 1].seq)
            if all(_fits(record, by, value) for by, value in call.filters.items()):
                page.append(record)
        return calls.Page(tuple(page), None)

    def _index(self, call: calls.List) -> list[Record]:
        records = [self._tasks[id_].record for _, id_ in self._order]
        if call.state is not None and call.state not in TERMINAL:
            return [record for record in records if record.state is call.state]
        indexes = [[record for record in records if _fits(record, by, value)] for by, value in call.filters.items()] or [records]
        return min((index[max(0, len(index) - self.limits.index_limit) :] for index in indexes), key=len)

    @_run.register
    def _publish(self, call: calls.Publish) -> None:
        self._kinds.update((kind.name, Kind.from_json(kind.to_json())) for kind in call.kinds)

    @_run.register
    def _catalogue(self, call: calls.ReadCatalogue) -> dict[str, Kind]:  # noqa: ARG002
        return dict(self._kinds)

    @_run.register
    def _statistics(self, call: calls.Statistics) -> calls.StatisticsReply:  # noqa: ARG002
        alive = sum(consumer.lease_ends > self._now() for consumer in self._consumers.values())
        queues = tuple(self._statistics_of(queue) for queue in sorted(self._counters))
        return calls.StatisticsReply(len(self._in_states(State.SCHEDULED)), alive, queues)

    def _statistics_of(self, queue: str) -> calls.QueueStatistics:
        held = {id_ for consumer in self._consumers.values() for id_ in consumer.held}  # running, or taken by a wait
        ready = [
            kept.record for kept in self._in_states(State.QUEUED) if kept.record.queue == queue and kept.record.id not in held
        ]
        running = sum(self._tasks[id_].record.queue == queue for id_ in held)
        oldest = max(((self._now() - r.queued_at).total_seconds() for r in ready if r.queued_at), default=0.0)
        c = self._counters[queue]
        names = ("submitted", State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED, "retried")
        return calls.QueueStatistics(queue, len(ready), running, oldest, *(c[name] for name in names))

    def _move(self, kept: _Entry, to: State, **fields: Any) -> None:
        if (kept.record.state, to) not in TRANSITIONS:
            raise AssertionError(f"{kept.record.state} → {to} is not on the table")
        for consumer in self._consumers.values():
            consumer.held.discard(kept.record.id)
        kept.record = replace(kept.record, state=to, **fields)

    def _end(self, kept: _Entry, to: State, **fields: Any) -> None:
        self._move(kept, to, ended_at=self._now(), **fields)
        self._dequeue(kept)
        kept.kept_until = self._now() + timedelta(seconds=self.limits.retention)
        self._count(kept.record.queue, to)

    def _requeue(self, kept: _Entry, **fields: Any) -> None:
        self._move(kept, State.QUEUED, queued_at=self._now(), worker=None, **fields)
        self._enqueue(kept, "returned")

    def _enqueue(self, kept: _Entry, lane: str) -> None:
        kept.lane, kept.entry = lane, str(next(self._entries))
        self._lane(_line(kept.record), lane).append((kept.entry, kept.record.id))

    def _dequeue(self, kept: _Entry) -> None:
        lane = self._lane(_line(kept.record), kept.lane)
        if (kept.entry, kept.record.id) in lane:
            lane.remove((kept.entry, kept.record.id))

    def _lane(self, line: str, lane: str) -> deque[tuple[str, str]]:
        return self._lanes.setdefault((line, lane), deque())

    def _count(self, queue: str, what: str) -> None:
        self._counters.setdefault(queue, Counter())[what] += 1

    def _in_states(self, *states: State) -> list[_Entry]:
        return [kept for kept in self._tasks.values() if kept.record.state in states]

    def _too_late(self, record: Record) -> bool:
        return record.expires_at is not None and record.fence == 0 and record.expires_at <= self._now()

    def _forget(self) -> None:
        gone = {id_ for id_, kept in self._tasks.items() if kept.kept_until is not None and kept.kept_until <= self._now()}
        if gone:
            self._tasks = {id_: kept for id_, kept in self._tasks.items() if id_ not in gone}
            self._order = [(seq, id_) for seq, id_ in self._order if id_ not in gone]


class AsyncMemoryStore:
    """The memory store for asyncio code."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()

    async def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises LeaseLost."""
        return self.store.run(call)


def _line(record: Record) -> str:
    return lines([record.queue], [record.executor])[0]


def _fits(record: Record, by: str, value: str) -> bool:
    return value in record.tags if by == "tag" else bool(getattr(record, by) == value)


def _place(kept: _Entry) -> tuple[str, int, int]:
    return kept.record.queue, LANES.index(kept.lane), int(kept.entry)


def _ending(outcome: Any) -> tuple[State, dict[str, Any]]:
    match outcome:
        case Succeeded(result):
            return State.SUCCEEDED, {"result": json.loads(result), "error": None}
        case Failed(error):
            return State.FAILED, {"error": _as_json(error)}
        case Cancelled():
            return State.CANCELLED, {}
    raise TypeError("a retry is rescheduled, not completed")


def _as_json(failure: Failure) -> Any:
    return json.loads(json.dumps(failure.as_json(), default=str))


def _quarantined(deaths: int, cause: str) -> Any:
    message = f"quarantined: {deaths} workers died while they ran this task; the last: {cause}"
    return _as_json(Failure("WorkerLost", message, retryable=False, details=({"cause": cause},)))


def _due(record: Record) -> datetime:
    assert record.due_at is not None  # noqa: S101  every scheduled record has one
    return record.due_at


def _ids(entries: Sequence[_Entry]) -> tuple[str, ...]:
    return tuple(kept.record.id for kept in entries)


def _delivery(kept: _Entry) -> Delivery:
    record = kept.record
    assert record.queued_at is not None  # noqa: S101  a running record was queued
    assert record.started_at is not None  # noqa: S101
    return Delivery(
        id=record.id,
        kind=record.kind,
        payload=record.payload,
        form=record.form,
        queue=record.queue,
        fence=record.fence,
        attempt=record.attempt,
        max_attempts=record.max_attempts,
        deaths=record.deaths,
        submitted_at=record.submitted_at,
        queued_at=record.queued_at,
        started_at=record.started_at,
        traceparent=record.traceparent,
        headers=kept.headers,
    )
