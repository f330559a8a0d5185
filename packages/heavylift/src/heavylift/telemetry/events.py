"""The vocabulary: every fact that can be reported, as a frozen value of plain JSON types.

Being plain, a fact can cross from a child to its guardian: ``to_plain`` and ``from_plain`` are the two ends.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final, Self

from heavylift.record import Accepted as Answer


class Result(StrEnum):
    """How an attempt ended, in the words of the OpenTelemetry CI/CD conventions (``cicd.pipeline.result``), and ``retry``.

    ``FAILURE``: the function failed. ``ERROR``: the platform failed it, for example because its worker died.
    """

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    TIMEOUT = "timeout"
    CANCELLATION = "cancellation"
    SKIP = "skip"  #: Expired before it could start.
    RETRY = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact. ``name`` is what logs call it."""

    name: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Event):
    """A task is recorded: from now on it is not lost. ``traceparent`` is the W3C context of its creation."""

    name = "task.accepted"
    task_id: str
    kind: str
    queue: str
    state: str
    traceparent: str = ""
    duplicate: bool = False

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """What the store has answered to a submission."""
        return cls(
            task_id=answer.id,
            kind=answer.kind,
            queue=answer.queue,
            state=answer.state,
            traceparent=answer.traceparent,
            duplicate=answer.duplicate,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """Submissions of one kind were turned away; ``reason`` is the type of the problem."""

    name = "task.refused"
    kind: str
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksAccepted(Event):
    """Tasks of one kind are recorded, in one batch; of ``known`` more there was a task before."""

    name = "task.accepted_together"
    kind: str
    queue: str
    count: int
    known: int = 0
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAccepted(Event):
    """A batch was taken in: of its ``items``, so many have a task."""

    name = "batch.accepted"
    batch_id: str
    items: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCancelRequested(Event):
    """Somebody called a batch off: tasks that were ``cancelled`` at once, and that were ``asked`` to end."""

    name = "batch.cancel_requested"
    batch_id: str
    cancelled: int
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(Event):
    """Somebody called a task off. ``state``: ``cancelled``, or ``running`` when its worker is asked to end it."""

    name = "task.cancel_requested"
    task_id: str
    kind: str
    queue: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksClaimed(Event):
    """A child has taken tasks of one kind in hand, in one claim.

    ``waits``: for each, the seconds between entering the queue and now. ``redelivered``: whether workers died of them before.
    ``traceparent`` is that of one of them.
    """

    name = "task.claimed"
    kind: str
    queue: str
    redelivered: bool
    waits: tuple[float, ...]
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """A function is about to run. ``queued_at``, ``started_at``: seconds since the epoch by the store's clock.

    ``payload`` is the beginning of its payload, for those who follow events; it is never logged.
    """

    name = "task.started"
    task_id: str
    kind: str
    queue: str
    attempt: int
    queued_at: float
    started_at: float
    traceparent: str = ""
    payload: str = ""

    @property
    def wait(self) -> float:
        """Seconds between entering the queue and being claimed."""
        return max(0.0, self.started_at - self.queued_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed(Event):
    """A running task says how far it is."""

    name = "task.progressed"
    task_id: str
    kind: str
    done: float
    total: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged(Event):
    """Lines that a running task logged are in the store (``kept``), or were too many or taken out by the hook (``dropped``)."""

    name = "task.logged"
    task_id: str
    kind: str
    queue: str
    kept: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded(Event):
    """An attempt is over. ``duration``: seconds of run; ``delay``: seconds until the next attempt, with ``Result.RETRY``.

    ``committed`` is False when the store refused the end because another worker holds the task by now. ``returned`` is the
    beginning of its result, for those who follow events; it is never logged.
    """

    name = "task.ended"
    task_id: str
    kind: str
    queue: str
    attempt: int
    result: str
    duration: float
    since_submit: float
    committed: bool = True
    error_type: str | None = None
    error_message: str | None = None
    delay: float | None = None
    traceparent: str = ""
    returned: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksSucceeded(Event):
    """The same as an ``AttemptEnded`` for each of several tasks of one kind that succeeded and are committed.

    ``durations`` and ``since_submits`` are in seconds, one of each for each task; ``traceparent`` is that of one of them.
    """

    name = "task.succeeded"
    kind: str
    queue: str
    durations: tuple[float, ...]
    since_submits: tuple[float, ...]
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksHandedOn(Event):
    """What a dead or stopping consumer held went back to its queue (``requeued``) or ended.

    ``buried``: as failed, because workers keep dying of them. ``cancelled``: because somebody had called them off.
    """

    name = "task.handed_on"
    consumer: str
    cause: str
    requeued: tuple[str, ...]
    buried: tuple[str, ...]
    cancelled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettered(Event):
    """A task ended as failed: it is a dead letter. ``fingerprint`` is the same for the same fault."""

    name = "task.dead"
    task_id: str
    kind: str
    queue: str
    reason: str
    fingerprint: str
    attempt: int
    error_type: str
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettersReplayed(Event):
    """Dead letters began anew: one task, or ``count`` of them that a filter found, spread at ``rate`` per second if at all."""

    name = "task.replayed"
    count: int = 1
    task_id: str = ""
    wanted: str = ""
    rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettersDiscarded(Event):
    """Dead letters were deleted by somebody: one task, or ``count`` of them that a filter found."""

    name = "task.discarded"
    count: int = 1
    task_id: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSwept(Event):
    """What was kept for its time is gone: dead letters (``lapsed``, or ``dropped`` as the oldest of too many), unused names."""

    name = "store.swept"
    lapsed: int
    dropped: int
    indexes: int
    queues: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPutAway(Event):
    """A payload or a result (``role``) is in the object store; ``seconds`` is how long that took."""

    name = "object.put"
    role: str
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFetched(Event):
    """A payload or a result was fetched from the object store and is what was put away."""

    name = "object.fetched"
    role: str
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsSwept(Event):
    """Objects to which no record refers any more are gone."""

    name = "object.swept"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTrouble(Event):
    """The object store did not do what it was asked: ``put``, ``get`` or ``delete``."""

    name = "object.trouble"
    operation: str
    error_type: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted(Event):
    """Tasks became due, or too late."""

    name = "task.promoted"
    due: int
    expired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePaused(Event):
    """A queue gives nothing out from now on, for so many ``seconds`` or until it is resumed. ``by``: the id of the key."""

    name = "queue.paused"
    queue: str
    by: str
    why: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueResumed(Event):
    """A paused queue gives out again what it has. ``by``: the id of the key, empty where the time of the pause was over."""

    name = "queue.resumed"
    queue: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePurged(Event):
    """What waited in a queue was called off, upon confirmation. ``by``: the id of the key."""

    name = "queue.purged"
    queue: str
    cancelled: int
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsChanged(Event):
    """Somebody began or ended to follow a task or a batch: so many streams of events are ``open`` at this process now."""

    name = "streams.changed"
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Event):
    """A child process died. ``reason``: ``signal``, ``exit``, ``oom``, ``memory_limit``, ``time_limit`` or ``nursery``."""

    name = "child.lost"
    consumer: str
    pid: int
    reason: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkFailed(Event):
    """The system gave no process for a child; it is tried again."""

    name = "child.fork_failed"
    consumer: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseEnded(Event):
    """The lease of a living child was over: its worker, or Redis, was away for too long, and others may have what it runs."""

    name = "lease.ended"
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRefused(Event):
    """Somebody was turned away. ``reason``: ``missing``, ``malformed``, ``unknown``, ``wrong``, ``revoked`` or ``expired``.

    ``key`` is the id of what was shown, which is no secret.
    """

    name = "key.refused"
    reason: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorActed(Event):
    """Somebody did something by hand over HTTP, or tried to; ``outcome`` is ``done``, ``cut-off`` or the name of a problem.

    ``changed``: how many it changed, where it may be several. ``key`` and ``key_name`` are those of the key that was shown, ''
    where none is asked for.
    """

    name = "operator.acted"
    action: str
    target: str
    outcome: str
    changed: int = 0
    key: str = ""
    key_name: str = ""
    tenant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCut(Event):
    """The connection to a client was ended. ``reason``: ``slow``, ``unread``, ``head`` (too large), ``malformed``, ``crowd``."""

    name = "client.cut"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTrouble(Event):
    """Redis could not be asked; ``component`` is who asked."""

    name = "store.trouble"
    component: str
    error_type: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDecided(Event):
    """The autoscaler has looked at a pool of workers, as it does every second.

    ``wait``: seconds that the newest task would wait with the pods that there are, infinite when nobody would start it.
    """

    name = "pool.decided"
    pool: str
    mode: str
    ordered: int
    wanted: int
    ready: int
    starting: int
    leaving: int
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolScaled(Event):
    """The autoscaler has changed how many pods a pool of workers has; ``reason`` is a sentence."""

    name = "pool.scaled"
    pool: str
    before: int
    after: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTrouble(Event):
    """Something keeps a pool of workers from the size that it should have; ``trouble`` is a word, ``message`` a sentence."""

    name = "pool.trouble"
    pool: str
    trouble: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadershipChanged(Event):
    """A replica of the autoscaler begins to act, or acts no more; ``holder`` is who does."""

    name = "autoscaler.leadership"
    identity: str
    leads: bool
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAsked(Event):
    """The API server of Kubernetes was asked; ``code`` is the status of its answer, or ``none``."""

    name = "kubernetes.asked"
    verb: str
    resource: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFired(Event):
    """A schedule came, ``late`` seconds after its time.

    It ``made`` tasks, found its place ``taken`` by one that has not ended, or has ``missed`` times.
    """

    name = "schedule.fired"
    schedule: str
    tenant: str
    kind: str
    queue: str
    late: float
    made: int = 0
    taken: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTrouble(Event):
    """A schedule has come and could not be fired; it is tried again. ``message`` is a sentence."""

    name = "schedule.trouble"
    schedule: str
    tenant: str
    error_type: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulesLooked(Event):
    """A scheduler has asked which schedules have come, ``at`` so many seconds since the epoch, by the store's clock."""

    name = "schedules.looked"
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpansDropped(Event):
    """Spans that could not be delivered to the collector, and why."""

    name = "telemetry.spans_dropped"
    count: int
    error_type: str


EVENTS: Final[dict[str, type[Event]]] = {
    kind.name: kind
    for kind in (
        Accepted,
        Refused,
        TasksAccepted,
        BatchAccepted,
        BatchCancelRequested,
        CancelRequested,
        TasksClaimed,
        Started,
        Progressed,
        Logged,
        ObjectPutAway,
        ObjectFetched,
        ObjectsSwept,
        ObjectTrouble,
        AttemptEnded,
        TasksSucceeded,
        TasksHandedOn,
        DeadLettered,
        DeadLettersReplayed,
        DeadLettersDiscarded,
        StoreSwept,
        Promoted,
        QueuePaused,
        QueueResumed,
        QueuePurged,
        Lost,
        ForkFailed,
        LeaseEnded,
        KeyRefused,
        OperatorActed,
        ClientCut,
        StoreTrouble,
        StreamsChanged,
        PoolDecided,
        PoolScaled,
        PoolTrouble,
        LeadershipChanged,
        ApiAsked,
        ScheduleFired,
        ScheduleTrouble,
        SchedulesLooked,
        SpansDropped,
    )
}


_NAMES: Final = {kind: tuple(field.name for field in fields(kind)) for kind in EVENTS.values()}


def fields_of(event: Event) -> dict[str, Any]:
    """What the event says, by name. Several times faster than ``dataclasses.asdict``, which copies, and that on every fact."""
    return {name: getattr(event, name) for name in _NAMES[type(event)]}


def to_plain(event: Event) -> list[Any]:
    """One event as a JSON value: its name and what it says."""
    return [event.name, fields_of(event)]


def from_plain(plain: list[Any]) -> Event:
    """The event of ``to_plain``, also after it was JSON."""
    name, told = plain
    kind: Any = EVENTS[name]
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in told.items()})  # type: ignore[no-any-return]
