"""The subscriber that writes one line of log per fact, and the context that a task's own lines carry."""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from opentelemetry import trace

from heavylift.telemetry.events import (
    ApiAsked,
    AttemptEnded,
    ClientCut,
    DeadLettered,
    Event,
    ForkFailed,
    KeyRefused,
    LeadershipChanged,
    LeaseEnded,
    Logged,
    Lost,
    ObjectFetched,
    ObjectPutAway,
    ObjectsSwept,
    ObjectTrouble,
    OperatorActed,
    PoolDecided,
    PoolScaled,
    PoolTrouble,
    Progressed,
    Promoted,
    QueuePaused,
    QueueResumed,
    Refused,
    Result,
    ScheduleFired,
    SchedulesLooked,
    ScheduleTrouble,
    SpansDropped,
    Started,
    StoreSwept,
    StoreTrouble,
    StreamsChanged,
    TasksAccepted,
    TasksClaimed,
    TasksHandedOn,
    TasksSucceeded,
    fields_of,
)
from heavylift.telemetry.log_setup import configure
from heavylift.telemetry.task_fields import bind_task
from heavylift.telemetry.traceparent import Traceparent

__all__ = ["Logs", "bind_task", "configure"]

_NAME: Final = "heavylift"
_PAUSE: Final = 5.0  #: Seconds between two lines about the same trouble.
_MESSAGE_LIMIT: Final = 2000  #: Characters of an error that a line shows; the record has the rest.
_QUIET: Final = (
    *(TasksAccepted, TasksClaimed, TasksSucceeded, Progressed, Logged, StreamsChanged, Promoted, PoolDecided, ApiAsked),
    SchedulesLooked,
    *(ObjectPutAway, ObjectFetched, ObjectsSwept),
)
_FAILURES: Final = frozenset({Result.FAILURE, Result.ERROR, Result.TIMEOUT})


class Logs:
    """One line per fact: the name first, then its fields, and a sentence where somebody may have to act.

    Troubles that repeat are logged at once and then every five seconds by ``clock`` at most, with the count of those passed over.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logging.getLogger(_NAME)
        self._log = structlog.get_logger(_NAME)
        self._limits = _Limits(clock)

    def __call__(self, event: Event) -> None:
        """Hear a fact."""
        level = _level(event)
        if not self._logger.isEnabledFor(level):
            return
        suppressed = self._limits.pass_over(_trouble(event))
        if suppressed is not None:
            self._log.log(level, event.name, **_fields(event, suppressed))


class _Limits:
    """Says how many of the same trouble were passed over since the last line, or None to pass over this one, too."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}
        self._suppressed: dict[str, int] = {}

    def pass_over(self, trouble: str | None) -> int | None:
        if trouble is None:
            return 0
        now = self._clock()
        if now - self._last.get(trouble, float("-inf")) < _PAUSE:
            self._suppressed[trouble] = self._suppressed.get(trouble, 0) + 1
            return None
        self._last[trouble] = now
        return self._suppressed.pop(trouble, 0)


def _trouble(event: Event) -> str | None:
    match event:
        case StoreTrouble():
            return f"{event.name} {event.component}"
        case ObjectTrouble():
            return f"{event.name} {event.operation}"
        case KeyRefused() | ClientCut():
            return f"{event.name} {event.reason}"
        case ScheduleTrouble():
            return f"{event.name} {event.tenant}/{event.schedule}"
        case SpansDropped() | ForkFailed():
            return event.name
    return None


def _level(event: Event) -> int:
    match event:
        case Lost():
            return logging.ERROR
        case TasksHandedOn() if event.buried:
            return logging.ERROR
        case AttemptEnded() if event.result in _FAILURES or event.error_type or not event.committed:
            return logging.WARNING
        case StoreTrouble() | SpansDropped() | LeaseEnded() | ForkFailed() | PoolTrouble():
            return logging.WARNING
        case KeyRefused() | ClientCut() | ScheduleTrouble() | ObjectTrouble():
            return logging.WARNING
        case StoreSwept():
            return logging.WARNING if event.dropped else logging.DEBUG
    return logging.DEBUG if isinstance(event, _QUIET) else logging.INFO


def _fields(event: Event, suppressed: int) -> dict[str, Any]:
    fields = {"message": _sentence(event), **_told(event), "suppressed": suppressed, **_trace(event)}
    return {name: _short(value) for name, value in fields.items() if value not in (None, "", (), 0)}


def _told(event: Event) -> dict[str, Any]:
    fields = fields_of(event)
    fields.pop("traceparent", None)
    match event:
        case TasksClaimed():
            return fields | {"waits": None, "tasks": len(event.waits), "redelivered": "yes" if event.redelivered else None}
        case Started():
            return fields | {"queued_at": None, "started_at": None, "wait": event.wait, "payload": None}
        case AttemptEnded():
            return fields | {"committed": None if event.committed else "no", "returned": None}
        case StoreTrouble() | ForkFailed() | ScheduleTrouble() | ObjectTrouble():
            return fields | {"message": _sentence(event), "error_message": event.message}
    return fields


def _trace(event: Event) -> dict[str, str]:
    """The trace of a fact that is told outside of its span, such as by the guardian for its children."""
    if trace.get_current_span().get_span_context().is_valid:
        return {}
    found = Traceparent.parse(getattr(event, "traceparent", ""))
    return {} if found is None else {"trace_id": found.trace_id}


def _sentence(event: Event) -> str:
    match event:
        case AttemptEnded(committed=False):
            return "The store refused the end of this attempt: another worker holds the task by now."
        case AttemptEnded(result=Result.RETRY):
            return f"Attempt {event.attempt} failed; the next follows in {event.delay or 0:.3g} s."
        case AttemptEnded(result=Result.ERROR):
            return f"Attempt {event.attempt} was cut short: {event.error_type}."
        case AttemptEnded() if event.result in _FAILURES:
            return f"Attempt {event.attempt} was the last: {event.error_type or event.result}."
        case Lost():
            return f"Child process {event.pid} died ({event.reason}); what it had in hand is handed on."
        case ForkFailed():
            return "The system gave no process for a child; it is tried again."
        case TasksHandedOn() if event.buried:
            return f"{len(event.buried)} tasks ended as failed, because workers keep dying of them."
        case DeadLettered():
            return f"The task is a dead letter ({event.reason}) until it is replayed or discarded."
        case QueuePaused():
            return f"The queue {event.queue} gives nothing out from now on{f': {event.why}' if event.why else '.'}"
        case QueueResumed():
            return f"The queue {event.queue} gives out again what it has."
        case StoreSwept() if event.dropped:
            return f"{event.dropped} dead letters went before their time, because there are too many."
        case LeaseEnded():
            return "A child's lease was over before it was renewed; what it ran is handed on, and it stops."
        case StoreTrouble():
            return f"Redis could not be asked by {event.component}; it is tried again."
        case ClientCut():
            return f"The connection to a client was ended ({event.reason})."
        case ObjectTrouble():
            return f"The object store did not do what it was asked ({event.operation})."
        case KeyRefused():
            return f"Somebody was turned away: the key is {event.reason}."
        case ScheduleFired() if event.missed:
            return f"{event.missed} of its times have passed unseen, and are not made up for."
        case ScheduleTrouble():
            return "The schedule has come and could not be fired; it is tried again."
        case SpansDropped():
            return f"{event.count} spans could not be delivered to the collector."
        case OperatorActed():
            return f"{event.key_name or 'Somebody'} asked for {event.action} of {event.target}: {event.outcome}."
        case PoolScaled():
            return event.reason
        case PoolTrouble():
            return event.message
        case LeadershipChanged():
            return (
                "This replica acts from now on."
                if event.leads
                else f"This replica only watches; {event.holder or 'nobody'} acts."
            )
        case Refused():
            return f"A submission of {event.kind} was turned away: {event.reason}."
    return ""


def _short(value: Any) -> Any:
    match value:
        case float():
            return round(value, 6)
        case str() if len(value) > _MESSAGE_LIMIT:
            return f"{value[:_MESSAGE_LIMIT]}…"
    return value
