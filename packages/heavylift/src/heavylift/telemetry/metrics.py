"""The subscriber that counts facts for Prometheus, with exemplars that lead to the trace."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from heavylift.telemetry import metric_specs as specs
from heavylift.telemetry.events import (
    Accepted,
    ApiAsked,
    AttemptEnded,
    CancelRequested,
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
    Promoted,
    Refused,
    Result,
    ScheduleFired,
    SchedulesLooked,
    ScheduleTrouble,
    SpansDropped,
    StoreTrouble,
    StreamsChanged,
    TasksAccepted,
    TasksClaimed,
    TasksHandedOn,
    TasksSucceeded,
)
from heavylift.telemetry.labels import Bounded
from heavylift.telemetry.metric_specs import CATALOGUE, MetricSpec
from heavylift.telemetry.queue_metrics import queue_metrics
from heavylift.telemetry.traceparent import Traceparent

__all__ = ["CATALOGUE", "MetricSpec", "Metrics", "queue_metrics"]

_SEND: Final = ("heavylift", "send")
_PROCESS: Final = ("heavylift", "process")


class Metrics:
    """Feeds the catalogue. Belongs into the process that is scraped: the API, or the guardian on behalf of its children."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry: Final = registry or CollectorRegistry()
        self._make_bounds(_counter(specs.LABELS_FOLDED, self.registry))
        self._sent = _counter(specs.SENT, self.registry)
        self._duplicates = _counter(specs.DUPLICATES, self.registry)
        self._refused = _counter(specs.REFUSED, self.registry)
        self._cancel_requests = _counter(specs.CANCEL_REQUESTS, self.registry)
        self._consumed = _counter(specs.CONSUMED, self.registry)
        self._queue_wait = _histogram(specs.QUEUE_WAIT, self.registry)
        self._process_duration = _histogram(specs.PROCESS_DURATION, self.registry)
        self._end_to_end = _histogram(specs.END_TO_END, self.registry)
        self._attempts = _counter(specs.ATTEMPTS, self.registry)
        self._stale = _counter(specs.STALE, self.registry)
        self._handed_on = _counter(specs.HANDED_ON, self.registry)
        self._promoted = _counter(specs.PROMOTED, self.registry)
        self._dead_lettered = _counter(specs.DEAD_LETTERED, self.registry)
        self._streams = _gauge(specs.STREAMS, self.registry)
        self._log_lines = _counter(specs.LOG_LINES, self.registry)
        self._lost = _counter(specs.LOST, self.registry)
        self._fork_failures = _counter(specs.FORK_FAILURES, self.registry)
        self._leases_ended = _counter(specs.LEASES_ENDED, self.registry)
        self._keys_refused = _counter(specs.KEYS_REFUSED, self.registry)
        self._operator_acts = _counter(specs.OPERATOR_ACTS, self.registry)
        self._clients_cut = _counter(specs.CLIENTS_CUT, self.registry)
        self._object_bytes = _counter(specs.OBJECT_BYTES, self.registry)
        self._object_duration = _histogram(specs.OBJECT_DURATION, self.registry)
        self._object_troubles = _counter(specs.OBJECT_TROUBLES, self.registry)
        self._objects_swept = _counter(specs.OBJECTS_SWEPT, self.registry)
        self._disruptions = _counter(specs.DISRUPTIONS, self.registry)
        self._spans_dropped = _counter(specs.SPANS_DROPPED, self.registry)
        self._pool_pods = _gauge(specs.POOL_PODS, self.registry)
        self._pool_wait = _gauge(specs.POOL_WAIT, self.registry)
        self._pool_changes = _counter(specs.POOL_CHANGES, self.registry)
        self._pool_troubles = _counter(specs.POOL_TROUBLES, self.registry)
        self._leading: Gauge | None = None  # made by the first news of it, as a worker has nothing to say of that
        self._api_requests = _counter(specs.API_REQUESTS, self.registry)
        self._schedule_times = _counter(specs.SCHEDULE_TIMES, self.registry)
        self._schedule_late = _histogram(specs.SCHEDULE_LATE, self.registry)
        self._schedule_troubles = _counter(specs.SCHEDULE_TROUBLES, self.registry)
        self._schedules_looked: Gauge | None = None  # as with the news of who leads
        self._on: Final[dict[type[Event], Callable[[Any], None]]] = {
            Accepted: self._accept,
            TasksAccepted: self._accept_many,
            Refused: self._refuse,
            CancelRequested: self._call_off,
            TasksClaimed: self._claim,
            AttemptEnded: self._end,
            TasksSucceeded: self._succeed,
            TasksHandedOn: self._hand_on,
            Promoted: self._promote,
            DeadLettered: self._die,
            Logged: self._log,
            StreamsChanged: lambda event: self._streams.set(event.open),
            Lost: self._lose,
            ForkFailed: self._fail_to_fork,
            LeaseEnded: lambda _: self._leases_ended.inc(),
            KeyRefused: lambda event: self._keys_refused.labels(event.reason).inc(),
            OperatorActed: lambda event: self._operator_acts.labels(event.action, event.outcome).inc(),
            ClientCut: lambda event: self._clients_cut.labels(event.reason).inc(),
            ObjectPutAway: lambda event: self._move_object("put", event),
            ObjectFetched: lambda event: self._move_object("get", event),
            ObjectsSwept: lambda event: self._objects_swept.inc(event.count),
            ObjectTrouble: lambda event: self._object_troubles.labels(event.operation, self._error_type(event.error_type)).inc(),
            StoreTrouble: self._disrupt,
            PoolDecided: self._decide,
            PoolScaled: self._scale,
            PoolTrouble: lambda event: self._pool_troubles.labels(event.pool, event.trouble).inc(),
            LeadershipChanged: self._lead,
            ApiAsked: lambda event: self._api_requests.labels(event.verb, event.resource, event.code).inc(),
            ScheduleFired: self._fire,
            ScheduleTrouble: lambda event: self._schedule_troubles.labels(self._error_type(event.error_type)).inc(),
            SchedulesLooked: self._look,
            SpansDropped: self._drop_spans,
        }

    def __call__(self, event: Event) -> None:
        """Hear a fact."""
        count = self._on.get(type(event))
        if count is not None:
            count(event)

    def render(self, accept: str, more: Iterable[Metric] = ()) -> tuple[bytes, str]:
        """What a scrape gets: body and content type, with ``more`` metrics after ours. Exemplars show in OpenMetrics only."""
        encode, content_type = choose_encoder(accept)
        return encode(_Scrape(self.registry, more)), content_type

    def _make_bounds(self, folded: Counter) -> None:
        def bounded(label: str, other: str) -> Bounded:
            return Bounded(other, folded.labels(label).inc)

        self._kind = bounded("task_name", "_other")
        self._queue = bounded("messaging_destination_name", "_other")
        self._reason = bounded("reason", "_other")
        self._component = bounded("component", "_other")
        self._error_type = bounded("error_type", "_OTHER")

    def _accept(self, event: Accepted) -> None:
        where = (self._queue(event.queue), self._kind(event.kind))
        if event.duplicate:
            self._duplicates.labels(*where).inc()
        else:
            self._sent.labels(*_SEND, *where).inc(exemplar=_exemplar(event.traceparent))

    def _accept_many(self, event: TasksAccepted) -> None:
        where = (self._queue(event.queue), self._kind(event.kind))
        self._sent.labels(*_SEND, *where).inc(event.count, exemplar=_exemplar(event.traceparent))
        self._duplicates.labels(*where).inc(event.known)

    def _refuse(self, event: Refused) -> None:
        self._refused.labels(self._kind(event.kind), self._reason(event.reason)).inc(event.count)

    def _call_off(self, event: CancelRequested) -> None:
        self._cancel_requests.labels(self._queue(event.queue), self._kind(event.kind), event.state).inc()

    def _claim(self, event: TasksClaimed) -> None:
        where = (self._queue(event.queue), self._kind(event.kind))
        self._consumed.labels(*_PROCESS, *where, "true" if event.redelivered else "false").inc(len(event.waits))
        _observe_all(self._queue_wait.labels(*where), event.waits, _exemplar(event.traceparent))

    def _succeed(self, event: TasksSucceeded) -> None:
        where, exemplar = (self._queue(event.queue), self._kind(event.kind)), _exemplar(event.traceparent)
        self._attempts.labels(*where, Result.SUCCESS, "").inc(len(event.durations), exemplar=exemplar)
        _observe_all(self._process_duration.labels(*_PROCESS, *where, Result.SUCCESS), event.durations, exemplar)
        _observe_all(self._end_to_end.labels(*where, Result.SUCCESS), event.since_submits, exemplar)

    def _end(self, event: AttemptEnded) -> None:
        where = (self._queue(event.queue), self._kind(event.kind))
        exemplar = _exemplar(event.traceparent)
        if not event.committed:
            self._stale.labels(*where).inc(exemplar=exemplar)
            return
        error_type = self._error_type(event.error_type) if event.error_type else ""
        self._attempts.labels(*where, event.result, error_type).inc(exemplar=exemplar)
        self._process_duration.labels(*_PROCESS, *where, event.result).observe(event.duration, exemplar)
        if event.result != Result.RETRY:
            self._end_to_end.labels(*where, event.result).observe(event.since_submit, exemplar)

    def _hand_on(self, event: TasksHandedOn) -> None:
        self._handed_on.labels("requeued").inc(len(event.requeued))
        self._handed_on.labels("buried").inc(len(event.buried))
        self._handed_on.labels("cancelled").inc(len(event.cancelled))

    def _promote(self, event: Promoted) -> None:
        self._promoted.labels("due").inc(event.due)
        self._promoted.labels("expired").inc(event.expired)

    def _die(self, event: DeadLettered) -> None:
        where = (self._queue(event.queue), self._kind(event.kind))
        self._dead_lettered.labels(*where, event.reason).inc(exemplar=_exemplar(event.traceparent))

    def _log(self, event: Logged) -> None:
        where = (self._queue(event.queue), self._kind(event.kind))
        self._log_lines.labels(*where, "kept").inc(event.kept)
        self._log_lines.labels(*where, "dropped").inc(event.dropped)

    def _lose(self, event: Lost) -> None:
        self._lost.labels(event.reason).inc()

    def _fail_to_fork(self, event: ForkFailed) -> None:  # noqa: ARG002  it is only counted
        self._fork_failures.inc()

    def _move_object(self, operation: str, event: ObjectPutAway | ObjectFetched) -> None:
        self._object_bytes.labels(operation, event.role).inc(event.bytes)
        self._object_duration.labels(operation, event.role).observe(event.seconds)

    def _disrupt(self, event: StoreTrouble) -> None:
        self._disruptions.labels(self._component(event.component), self._error_type(event.error_type)).inc()

    def _decide(self, event: PoolDecided) -> None:
        for state in ("ordered", "wanted", "ready", "starting", "leaving"):
            self._pool_pods.labels(event.pool, state).set(getattr(event, state))
        self._pool_wait.labels(event.pool).set(event.wait)

    def _scale(self, event: PoolScaled) -> None:
        self._pool_changes.labels(event.pool, "up" if event.after > event.before else "down").inc()

    def _lead(self, event: LeadershipChanged) -> None:
        self._leading = self._leading or _gauge(specs.LEADING, self.registry)
        self._leading.set(1 if event.leads else 0)
        if not event.leads:  # what it knew of the pools is another's to tell from now on
            self._pool_pods.clear()
            self._pool_wait.clear()

    def _fire(self, event: ScheduleFired) -> None:
        kind = self._kind(event.kind)
        for result in ("made", "taken", "missed"):
            self._schedule_times.labels(kind, result).inc(getattr(event, result))
        self._schedule_late.labels(kind).observe(event.late)

    def _look(self, event: SchedulesLooked) -> None:
        self._schedules_looked = self._schedules_looked or _gauge(specs.SCHEDULES_LOOKED, self.registry)
        self._schedules_looked.set(event.at)

    def _drop_spans(self, event: SpansDropped) -> None:
        self._spans_dropped.labels(self._error_type(event.error_type)).inc(event.count)


class _Scrape(Collector):
    """Our registry and what was asked for besides, without the ``_created`` series that would double them all."""

    def __init__(self, registry: CollectorRegistry, more: Iterable[Metric]) -> None:
        self._registry = registry
        self._more = more

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
        yield from self._more


def _counter(spec: MetricSpec, registry: CollectorRegistry) -> Counter:
    return Counter(spec.prometheus, spec.help, spec.labels, registry=registry)


def _gauge(spec: MetricSpec, registry: CollectorRegistry) -> Gauge:
    return Gauge(spec.prometheus, spec.help, spec.labels, registry=registry)


def _histogram(spec: MetricSpec, registry: CollectorRegistry) -> Histogram:
    return Histogram(spec.prometheus, spec.help, spec.labels, buckets=spec.buckets, registry=registry)


def _observe_all(histogram: Histogram, values: Sequence[float], exemplar: dict[str, str] | None) -> None:
    for value in values[1:]:
        histogram.observe(value)
    for value in values[:1]:
        histogram.observe(value, exemplar)


def _exemplar(traceparent: str) -> dict[str, str] | None:
    found = Traceparent.parse(traceparent)
    return None if found is None else {"trace_id": found.trace_id}
