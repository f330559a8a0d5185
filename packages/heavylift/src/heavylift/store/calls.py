"""Everything that can be asked of a store, one frozen value per call.

A call knows its script, its arguments and how to read the reply, and does no I/O itself. So the API (asyncio), the worker and
the Celery transport (both blocking) run the very same calls, and a store is anything with a ``run(call)``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar

from heavylift.catalogue import Kind
from heavylift.outcome import Cancelled, Failed, Failure, Outcome, Retry, Succeeded
from heavylift.record import Accepted, Delivery, Executor, Form, Priority, Record, Submission, from_ms, read_json, to_ms
from heavylift.state import State

Reply = TypeVar("Reply")

LANES: Final = ("returned", "high", "normal", "low")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a store keeps.

    ``retention`` is how long, in seconds, the record of an ended task is kept. ``index_limit`` is how many tasks each of the
    indexes for listing holds (it may hold 64 more for a while); 0 keeps only those of live states, which are always complete.
    """

    retention: float = 86_400.0
    index_limit: int = 10_000


class Call(Generic[Reply]):
    """A question or a change, asked of one partition of the store."""

    script: ClassVar[str]

    def arguments(self, limits: Limits) -> list[str]:
        """What the script finds in ARGV."""
        raise NotImplementedError

    def parse(self, reply: Any) -> Reply:
        """The meaning of what the script returned."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Submit(Call[tuple[Accepted, ...]]):
    """(nothing) → scheduled | queued, for each task. A known id is left as it is and answered as a duplicate."""

    script = "submit"
    tasks: tuple[Submission, ...]

    def arguments(self, limits: Limits) -> list[str]:
        arguments = [str(limits.index_limit)]
        for task in self.tasks:
            arguments += (
                task.id,
                task.kind,
                task.queue,
                task.priority,
                task.form,
                task.payload,
                "" if task.delay is None else str(_ms(task.delay)),
                _moment(task.eta),
                _moment(task.expires_at),
                json.dumps(task.tags),
                str(task.max_attempts),
                task.traceparent,
                task.headers,
                task.executor,
            )
        return arguments

    def parse(self, reply: Any) -> tuple[Accepted, ...]:
        return tuple(
            Accepted(id=task.id, state=State(state), submitted_at=from_ms(int(at)), duplicate=bool(duplicate))
            for task, (state, at, duplicate) in zip(self.tasks, reply, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Register(Call[None]):
    """A consumer announces itself, with a lease in seconds, before its first claim.

    What one of the same name held goes back to its queue, except what it says it still has ``in_hand``. So a consumer that got no
    answer to a wait or a claim registers again, because it cannot know what it was given.
    """

    script = "register"
    consumer: str
    queues: tuple[str, ...]
    lease: float
    about: Mapping[str, str]
    in_hand: tuple[str, ...] = ()
    executors: tuple[Executor, ...] = (Executor.PROCESS,)

    def arguments(self, limits: Limits) -> list[str]:
        about, in_hand = json.dumps(dict(self.about)), json.dumps(self.in_hand)
        queues, executors = json.dumps(self.queues), json.dumps(self.executors)
        return [self.consumer, str(_ms(self.lease)), queues, about, in_hand, *_keeping(limits), executors]

    def parse(self, reply: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that a blocking read has taken out of its stream for a consumer and that is still to be claimed."""

    line: str
    lane: str
    entry: str
    id: str


@dataclass(frozen=True, slots=True)
class Claim(Call[tuple[Delivery, ...]]):
    """queued → running for at most ``count`` tasks, the ones of ``waiting`` first. Raises LeaseLost."""

    script = "claim"
    consumer: str
    queues: tuple[str, ...]
    count: int = 1
    waiting: tuple[Waiting, ...] = ()
    executors: tuple[Executor, ...] = (Executor.PROCESS,)

    def arguments(self, limits: Limits) -> list[str]:
        waiting = [(w.line, w.lane, w.entry, w.id) for w in self.waiting]
        return [
            self.consumer,
            str(self.count),
            *_keeping(limits),
            json.dumps(lines(self.queues, self.executors)),
            json.dumps(waiting),
        ]

    def parse(self, reply: Any) -> tuple[Delivery, ...]:
        return tuple(_delivery(row) for row in reply)


@dataclass(frozen=True, slots=True)
class Renew(Call[tuple[str, ...]]):
    """Prolong leases to ``lease`` seconds from now. Returns the consumers whose lease had ended already."""

    script = "renew"
    consumers: tuple[str, ...]
    lease: float

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [str(_ms(self.lease)), *self.consumers]

    def parse(self, reply: Any) -> tuple[str, ...]:
        return tuple(reply)


@dataclass(frozen=True, slots=True)
class Ended:
    """A task that its worker is through with: the outcome, and the fence under which it was held."""

    id: str
    fence: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Complete(Call[tuple[bool, ...]]):
    """running → succeeded | failed | cancelled, for all that ended together. False where the fence is stale."""

    script = "complete"
    ended: tuple[Ended, ...]

    def arguments(self, limits: Limits) -> list[str]:
        arguments = _keeping(limits)
        for task in self.ended:
            arguments += (task.id, str(task.fence), *_ending(task.outcome))
        return arguments

    def parse(self, reply: Any) -> tuple[bool, ...]:
        return _flags(reply)


@dataclass(frozen=True, slots=True)
class Reschedule(Call[tuple[bool, ...]]):
    """running → scheduled, for all whose attempt failed and is followed by another. False where the fence is stale."""

    script = "retry"
    ended: tuple[Ended, ...]

    def arguments(self, limits: Limits) -> list[str]:
        arguments = _keeping(limits)
        for task in self.ended:
            assert isinstance(task.outcome, Retry)  # noqa: S101  the type of the field cannot say it
            arguments += (task.id, str(task.fence), str(_ms(task.outcome.delay)), _failure(task.outcome.error))
        return arguments

    def parse(self, reply: Any) -> tuple[bool, ...]:
        return _flags(reply)


@dataclass(frozen=True, slots=True)
class Release(Call[tuple[bool, ...]]):
    """running → queued, given back unharmed: pairs of id and fence. False where the fence is stale.

    A task whose cancellation was asked for ends as cancelled instead.
    """

    script = "release"
    held: tuple[tuple[str, int], ...]

    def arguments(self, limits: Limits) -> list[str]:
        return [*_keeping(limits), *(value for id_, fence in self.held for value in (id_, str(fence)))]

    def parse(self, reply: Any) -> tuple[bool, ...]:
        return _flags(reply)


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What became of the tasks that a consumer held: put back first in their queue, or ended."""

    consumer: str
    requeued: tuple[str, ...]
    buried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandOn(Call[HandedOn]):
    """End a consumer. What it holds goes back to its queue; with ``blame`` its death counts against the task that it ``ran``.

    With ``ran`` empty nobody knows which that was. If it held one task, it was that one. If it held several, none is blamed; one
    that is in hand at two such deaths is from then on run by a child of kind ``process`` and claimed alone, so that a third is
    clear.
    """

    script = "hand_on"
    consumer: str
    cause: str
    blame: bool
    max_deaths: int
    ran: str = ""

    def arguments(self, limits: Limits) -> list[str]:
        return [self.consumer, str(int(self.blame)), self.ran, str(self.max_deaths), self.cause, *_keeping(limits)]

    def parse(self, reply: Any) -> HandedOn:
        return HandedOn(self.consumer, tuple(reply[0]), tuple(reply[1]))


@dataclass(frozen=True, slots=True)
class Reap(Call[tuple[HandedOn, ...]]):
    """HandOn with blame for every consumer whose lease has ended, ``count`` of them at most.

    With ``lease``, in seconds, nothing is reaped for that long after half of it went by without a reap: then Redis or all workers
    were away, and those who live must have the time to renew.
    """

    script = "reap"
    max_deaths: int
    count: int = 100
    lease: float = 0.0

    def arguments(self, limits: Limits) -> list[str]:
        return [str(self.count), str(self.max_deaths), *_keeping(limits), str(_ms(self.lease))]

    def parse(self, reply: Any) -> tuple[HandedOn, ...]:
        return tuple(HandedOn(name, tuple(requeued), tuple(buried)) for name, requeued, buried in reply)


@dataclass(frozen=True, slots=True)
class Promoted:
    """Ids that became due, ids that expired, and the seconds until the next of either, None when there is none."""

    promoted: tuple[str, ...]
    expired: tuple[str, ...]
    next_due: float | None


@dataclass(frozen=True, slots=True)
class Promote(Call[Promoted]):
    """scheduled → queued for what is due, scheduled | queued → expired for what is too late, ``count`` of each at most."""

    script = "promote"
    count: int = 1000

    def arguments(self, limits: Limits) -> list[str]:
        return [str(self.count), *_keeping(limits)]

    def parse(self, reply: Any) -> Promoted:
        return Promoted(tuple(reply[0]), tuple(reply[1]), None if reply[2] == -1 else reply[2] / 1000)


@dataclass(frozen=True, slots=True)
class CancelReply:
    """The state that the task is in now; ``changed`` is False when it had ended or was being cancelled already."""

    state: State
    changed: bool


@dataclass(frozen=True, slots=True)
class Cancel(Call[CancelReply | None]):
    """scheduled | queued → cancelled; a running task is asked to end. None when there is no such task."""

    script = "cancel"
    id: str

    def arguments(self, limits: Limits) -> list[str]:
        return [self.id, *_keeping(limits)]

    def parse(self, reply: Any) -> CancelReply | None:
        return None if reply is None else CancelReply(State(reply[0]), bool(reply[1]))


@dataclass(frozen=True, slots=True)
class Progress(Call[bool]):
    """A running task says how far it is. False when the fence is stale."""

    script = "progress"
    id: str
    fence: int
    progress: Any

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, str(self.fence), json.dumps(self.progress)]

    def parse(self, reply: Any) -> bool:
        return bool(reply)


@dataclass(frozen=True, slots=True)
class Read(Call[Record | None]):
    """The record of a task. With ``watch``, the name of a channel, the end of the task is published there, once."""

    script = "watch"
    id: str
    watch: str = ""

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, self.watch]

    def parse(self, reply: Any) -> Record | None:
        return record_from(self.id, reply) if reply else None


@dataclass(frozen=True, slots=True)
class Page:
    """Records, newest first. ``cursor`` goes on after them; None when there is nothing more to look at.

    A page may be shorter than asked for, even empty, and still have a cursor: then the filter passed over many tasks.
    """

    records: tuple[Record, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class List(Call[Page]):
    """One page of the tasks that fit every filter given."""

    script = "list"
    count: int = 50
    cursor: int | None = None
    state: State | None = None
    kind: str | None = None
    queue: str | None = None
    tag: str | None = None

    BUDGET: ClassVar[int] = 1000  #: Records looked at in one call, so that no page holds Redis for long.

    @property
    def filters(self) -> dict[str, str]:
        """The filters that were given."""
        given = {"state": self.state, "kind": self.kind, "queue": self.queue, "tag": self.tag}
        return {by: value for by, value in given.items() if value is not None}

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        cursor = "" if self.cursor is None else str(self.cursor)
        filters = [part for pair in self.filters.items() for part in pair]
        return [str(self.count), str(max(self.BUDGET, self.count + 1)), cursor, *filters]

    def parse(self, reply: Any) -> Page:
        records = tuple(record_from(id_, flat) for id_, flat in reply[1:])
        return Page(records, int(reply[0]) if reply[0] else None)


@dataclass(frozen=True, slots=True)
class Publish(Call[None]):
    """A worker publishes the kinds that it can run."""

    script = "publish"
    kinds: tuple[Kind, ...]

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [part for kind in self.kinds for part in (kind.name, kind.to_json())]

    def parse(self, reply: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class ReadCatalogue(Call[dict[str, Kind]]):
    """Every kind that a worker has published, by name."""

    script = "catalogue"

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return []

    def parse(self, reply: Any) -> dict[str, Kind]:
        return {name: Kind.from_json(text) for name, text in _pairs(reply)}


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """One queue: tasks ready and running now, the age in seconds of the oldest that waits, and counts since the beginning."""

    queue: str
    ready: int
    running: int
    oldest_age: float
    submitted: int
    succeeded: int
    failed: int
    cancelled: int
    expired: int
    retried: int


@dataclass(frozen=True, slots=True)
class StatisticsReply:
    """The whole store: tasks that wait for their time, consumers with a lease, and every queue."""

    scheduled: int
    consumers: int
    queues: tuple[QueueStatistics, ...]


@dataclass(frozen=True, slots=True)
class Statistics(Call[StatisticsReply]):
    """What is where, in constant time per queue."""

    script = "statistics"

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return []

    def parse(self, reply: Any) -> StatisticsReply:
        queues = tuple(
            QueueStatistics(queue, ready, running, oldest / 1000, *(int(number) for number in counts))
            for queue, ready, running, oldest, *counts in reply[2:]
        )
        return StatisticsReply(reply[0], reply[1], tuple(sorted(queues, key=lambda q: q.queue)))


def lines(queues: Sequence[str], executors: Sequence[Executor]) -> list[str]:
    """The lines of these queues for these kinds of child, in the order of the queues."""
    return [f"{queue}:{executor}" for queue in queues for executor in executors]


def conclude(ended: Sequence[Ended]) -> list[Call[tuple[bool, ...]]]:
    """The calls that carry these ends to the store, in the order of ``split``."""
    over, again = split(ended)
    calls: list[Call[tuple[bool, ...]]] = []
    if over:
        calls.append(Complete(over))
    if again:
        calls.append(Reschedule(again))
    return calls


def split(ended: Iterable[Ended]) -> tuple[tuple[Ended, ...], tuple[Ended, ...]]:
    """What is over, and what is tried again."""
    everything = tuple(ended)
    again = tuple(task for task in everything if isinstance(task.outcome, Retry))
    return tuple(task for task in everything if not isinstance(task.outcome, Retry)), again


def record_from(id_: str, flat: Sequence[str]) -> Record:
    """The record of the names and values that Redis keeps for a task."""
    raw = dict(_pairs(flat))

    def moment(name: str) -> datetime | None:
        return from_ms(int(raw[name])) if raw.get(name) else None

    def json_value(name: str) -> Any:
        return read_json(raw[name]) if raw.get(name) else None

    return Record(
        id=id_,
        kind=raw["kind"],
        state=State(raw["state"]),
        queue=raw["queue"],
        executor=Executor(raw["executor"]),
        priority=Priority(raw["priority"]),
        payload=raw["payload"],
        form=Form(raw["form"]),
        tags=tuple(json.loads(raw.get("tags", "[]"))),
        attempt=int(raw["attempt"]),
        max_attempts=int(raw["max_attempts"]),
        fence=int(raw["fence"]),
        deaths=int(raw["deaths"]),
        submitted_at=from_ms(int(raw["submitted_at"])),
        due_at=moment("due_at"),
        queued_at=moment("queued_at"),
        started_at=moment("started_at"),
        ended_at=moment("ended_at"),
        expires_at=moment("expires_at"),
        worker=raw.get("worker") or None,
        cancel_requested="cancel_requested" in raw,
        progress=json_value("progress"),
        result=json_value("result"),
        error=None if raw["state"] == State.SUCCEEDED else json_value("error"),  # an attempt before may have left one
        traceparent=raw.get("traceparent", ""),
        seq=int(raw["seq"]),
    )


def _delivery(row: Sequence[Any]) -> Delivery:
    id_, kind, payload, form, queue, fence, attempt, max_attempts, deaths, submitted, queued, started, trace, headers = row
    return Delivery(
        id=id_,
        kind=kind,
        payload=payload,
        form=Form(form),
        queue=queue,
        fence=int(fence),
        attempt=int(attempt),
        max_attempts=int(max_attempts),
        deaths=int(deaths),
        submitted_at=from_ms(int(submitted)),
        queued_at=from_ms(int(queued)),
        started_at=from_ms(int(started)),
        traceparent=trace,
        headers=headers,
    )


def _ending(outcome: Outcome) -> tuple[str, str, str]:
    match outcome:
        case Succeeded(result):
            return State.SUCCEEDED, "result", result
        case Failed(error):
            return State.FAILED, "error", _failure(error)
        case Cancelled():
            return State.CANCELLED, "", ""
        case Retry():
            raise TypeError("a retry is rescheduled, not completed")


def _failure(failure: Failure) -> str:
    return json.dumps(failure.as_json(), default=str)


def _keeping(limits: Limits) -> list[str]:
    return [str(_ms(limits.retention)), str(limits.index_limit)]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else str(to_ms(moment))


def _flags(reply: Iterable[Any]) -> tuple[bool, ...]:
    return tuple(bool(flag) for flag in reply)


def _pairs(flat: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
