"""The catalogue of metrics: code, dashboards, alerts and documentation take names, labels and meaning from here.

Prometheus names are what the translation from OpenTelemetry would give, so that a change of the way out changes no dashboard.
Labels are bounded: never a task id, a worker or a pid.
"""

from dataclasses import dataclass
from typing import Final, Literal

_LONG: Final = (30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
#: The buckets that the messaging conventions advise, in seconds, and what background work needs beyond them.
RUN_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, *_LONG)
WAIT_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, *_LONG)


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric. ``name`` and ``unit`` are OpenTelemetry's, ``prometheus`` is the name in a query."""

    name: str
    prometheus: str
    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()


_QUEUE: Final = "messaging_destination_name"
_MESSAGING: Final = ("messaging_system", "messaging_operation_name", _QUEUE, "task_name")

SENT: Final = MetricSpec(
    "messaging.client.sent.messages",
    "messaging_client_sent_messages_total",
    "counter",
    "{message}",
    _MESSAGING,
    "Tasks accepted: recorded, and from then on not lost. Repetitions of a known id are not counted.",
)
DUPLICATES: Final = MetricSpec(
    "task.submissions.duplicate",
    "task_submissions_duplicate_total",
    "counter",
    "{submission}",
    (_QUEUE, "task_name"),
    "Submissions answered with a task that was known already.",
)
REFUSED: Final = MetricSpec(
    "task.submissions.refused",
    "task_submissions_refused_total",
    "counter",
    "{submission}",
    ("task_name", "reason"),
    "Submissions turned away, by the type of the problem.",
)
CANCEL_REQUESTS: Final = MetricSpec(
    "task.cancel.requests",
    "task_cancel_requests_total",
    "counter",
    "{request}",
    (_QUEUE, "task_name", "state"),
    "Tasks called off: cancelled at once, or running and asked to end. Repetitions are not counted.",
)
CONSUMED: Final = MetricSpec(
    "messaging.client.consumed.messages",
    "messaging_client_consumed_messages_total",
    "counter",
    "{message}",
    (*_MESSAGING, "redelivered"),
    "Tasks taken in hand by a worker; redelivered is true where a worker died of the same task before.",
)
QUEUE_WAIT: Final = MetricSpec(
    "task.queue.wait",
    "task_queue_wait_seconds",
    "histogram",
    "s",
    (_QUEUE, "task_name"),
    "Seconds between entering the queue and being claimed.",
    WAIT_BUCKETS,
)
PROCESS_DURATION: Final = MetricSpec(
    "messaging.process.duration",
    "messaging_process_duration_seconds",
    "histogram",
    "s",
    (*_MESSAGING, "task_result"),
    "Seconds that an attempt ran.",
    RUN_BUCKETS,
)
END_TO_END: Final = MetricSpec(
    "task.end_to_end.duration",
    "task_end_to_end_duration_seconds",
    "histogram",
    "s",
    (_QUEUE, "task_name", "task_result"),
    "Seconds between the submission of a task and its end, all attempts and pauses included.",
    RUN_BUCKETS,
)
ATTEMPTS: Final = MetricSpec(
    "task.attempts",
    "task_attempts_total",
    "counter",
    "{attempt}",
    (_QUEUE, "task_name", "task_result", "error_type"),
    "Attempts that ended. failure: the function failed; error: the platform failed it.",
)
STALE: Final = MetricSpec(
    "task.attempts.stale",
    "task_attempts_stale_total",
    "counter",
    "{attempt}",
    (_QUEUE, "task_name"),
    "Attempts whose end the store refused, because another worker holds the task by now. Work done twice.",
)
HANDED_ON: Final = MetricSpec(
    "task.handed_on.messages",
    "task_handed_on_messages_total",
    "counter",
    "{message}",
    ("outcome",),
    "Tasks taken from a dead or stopping consumer: requeued, buried because workers keep dying of them, or cancelled because "
    "somebody had called them off.",
)
PROMOTED: Final = MetricSpec(
    "task.promoted.messages",
    "task_promoted_messages_total",
    "counter",
    "{message}",
    ("outcome",),
    "Tasks whose time came: due entered their queue, expired ended unstarted.",
)
DEAD_LETTERED: Final = MetricSpec(
    "heavylift.dead_letters.added",
    "heavylift_dead_letters_added_total",
    "counter",
    "{message}",
    (_QUEUE, "task_name", "reason"),
    "Tasks that ended as failed, by the reason: exhausted, permanent, timed_out, undecodable, unknown_kind, quarantined.",
)
STREAMS: Final = MetricSpec(
    "heavylift.api.streams",
    "heavylift_api_streams",
    "gauge",
    "{stream}",
    (),
    "Streams of events that are open at this process of the API.",
)
LOG_LINES: Final = MetricSpec(
    "heavylift.task.log.lines",
    "heavylift_task_log_lines_total",
    "counter",
    "{line}",
    (_QUEUE, "task_name", "outcome"),
    "Lines that tasks logged: kept with them, or dropped because they were too many or a redaction hook took them.",
)
LOST: Final = MetricSpec(
    "task.worker.process.lost",
    "task_worker_process_lost_total",
    "counter",
    "{process}",
    ("reason",),
    "Child processes of workers that died: signal, exit, oom, memory_limit, time_limit, nursery.",
)
FORK_FAILURES: Final = MetricSpec(
    "task.worker.process.fork_failures",
    "task_worker_process_fork_failures_total",
    "counter",
    "{failure}",
    (),
    "Child processes that the system refused to start, for want of memory or of processes. Each is tried again.",
)
LEASES_ENDED: Final = MetricSpec(
    "task.worker.leases.ended",
    "task_worker_leases_ended_total",
    "counter",
    "{lease}",
    (),
    "Leases of living children that were over before they were renewed: their worker was suspended, or starved. What they ran is "
    "run twice.",
)
KEYS_REFUSED: Final = MetricSpec(
    "heavylift.api.keys.refused",
    "heavylift_api_keys_refused_total",
    "counter",
    "{request}",
    ("reason",),
    "Requests turned away for their key: missing, malformed, unknown, wrong, revoked, expired. Many that are wrong or unknown: "
    "somebody is guessing.",
)
OPERATOR_ACTS: Final = MetricSpec(
    "heavylift.operator.acts",
    "heavylift_operator_acts_total",
    "counter",
    "{act}",
    ("action", "outcome"),
    "What operators did over HTTP, as the audit log has it: by what it was and what came of it (done, cut-off, or a problem).",
)
CLIENTS_CUT: Final = MetricSpec(
    "heavylift.api.clients.cut",
    "heavylift_api_clients_cut_total",
    "counter",
    "{connection}",
    ("reason",),
    "Connections that were ended on the client: `slow`, it sent a request too slowly; `unread`, it took no answer; `head`, its "
    "headers were too large; `malformed`, it sent no HTTP; `crowd`, there were too many.",
)
OBJECT_BYTES: Final = MetricSpec(
    "object.bytes",
    "object_bytes_total",
    "counter",
    "By",
    ("operation", "role"),
    "Bytes of payloads and results that were put into the object store, or got from it.",
)
OBJECT_DURATION: Final = MetricSpec(
    "object.operation.duration",
    "object_operation_duration_seconds",
    "histogram",
    "s",
    ("operation", "role"),
    "Seconds that it took to put an object into the object store, or to get it, with all that was tried again.",
    RUN_BUCKETS,
)
OBJECT_TROUBLES: Final = MetricSpec(
    "object.troubles",
    "object_troubles_total",
    "counter",
    "{trouble}",
    ("operation", "error_type"),
    "Times that the object store did not do what it was asked, after all that was tried again.",
)
OBJECTS_SWEPT: Final = MetricSpec(
    "object.swept",
    "object_swept_total",
    "counter",
    "{object}",
    (),
    "Objects that were deleted because no record refers to them any more.",
)
DISRUPTIONS: Final = MetricSpec(
    "task.broker.disruptions",
    "task_broker_disruptions_total",
    "counter",
    "{disruption}",
    ("component", "error_type"),
    "Calls to Redis that failed, by who asked.",
)
SPANS_DROPPED: Final = MetricSpec(
    "otel.sdk.processor.span.processed",
    "otel_sdk_processor_span_processed_total",
    "counter",
    "{span}",
    ("error_type",),
    "Spans that could not be delivered to the collector. Telemetry's own health.",
)
LABELS_FOLDED: Final = MetricSpec(
    "telemetry.labels.folded",
    "telemetry_labels_folded_total",
    "counter",
    "{value}",
    ("label",),
    "Label values counted as other because too many different ones came before. Telemetry's own health.",
)
QUEUE_MESSAGES: Final = MetricSpec(
    "task.queue.messages",
    "task_queue_messages",
    "gauge",
    "{message}",
    (_QUEUE, "state"),
    "Tasks that wait (ready), run (unacked), or wait for their time (scheduled, which belongs to no queue yet). "
    "Every replica says the same: aggregate with max.",
)
OLDEST_AGE: Final = MetricSpec(
    "task.queue.oldest_message.age",
    "task_queue_oldest_message_age_seconds",
    "gauge",
    "s",
    (_QUEUE,),
    "Seconds that the oldest waiting task has waited; 0 when none waits. Every replica says the same: aggregate with max.",
)
PAUSED: Final = MetricSpec(
    "task.queue.paused",
    "task_queue_paused",
    "gauge",
    "1",
    (_QUEUE,),
    "1 while a queue gives nothing out because somebody has paused it, else 0. Every replica says the same: aggregate with max.",
)
DEAD_LETTERS: Final = MetricSpec(
    "heavylift.dead_letters",
    "heavylift_dead_letters",
    "gauge",
    "{message}",
    (_QUEUE, "reason"),
    "Dead letters that are neither replayed nor discarded nor past their time. Every replica says the same: aggregate with max.",
)
CONSUMERS: Final = MetricSpec(
    "task.consumers",
    "task_consumers",
    "gauge",
    "{consumer}",
    (),
    "Consumers that hold a lease. Every replica says the same: aggregate with max.",
)
LIFETIME: Final = MetricSpec(
    "task.queue.lifetime.messages",
    "task_queue_lifetime_messages_total",
    "counter",
    "{message}",
    (_QUEUE, "outcome"),
    "Tasks since the store began: submitted, succeeded, failed, cancelled, expired, retried; of dead letters: replayed, "
    "discarded, dropped (the oldest of too many), lapsed (kept for their time). "
    "Every replica says the same: aggregate with max.",
)
POOL_PODS: Final = MetricSpec(
    "heavylift.autoscaler.pods",
    "heavylift_autoscaler_pods",
    "gauge",
    "{pod}",
    ("pool", "state"),
    "Pods of a pool of workers: ordered, wanted (recommended), ready, starting, leaving. From the replica that acts.",
)
POOL_WAIT: Final = MetricSpec(
    "heavylift.autoscaler.expected_wait",
    "heavylift_autoscaler_expected_wait_seconds",
    "gauge",
    "s",
    ("pool",),
    "Seconds that the newest task would wait with the pods that there are; +Inf when nobody would start it.",
)
POOL_CHANGES: Final = MetricSpec(
    "heavylift.autoscaler.changes",
    "heavylift_autoscaler_changes_total",
    "counter",
    "{change}",
    ("pool", "direction"),
    "Changes of how many pods a pool of workers has: up or down.",
)
POOL_TROUBLES: Final = MetricSpec(
    "heavylift.autoscaler.troubles",
    "heavylift_autoscaler_troubles_total",
    "counter",
    "{trouble}",
    ("pool", "trouble"),
    "Times that something began to keep a pool of workers from the size that it should have, by what that is.",
)
LEADING: Final = MetricSpec(
    "heavylift.autoscaler.leading",
    "heavylift_autoscaler_leading",
    "gauge",
    "{replica}",
    (),
    "1 for the replica of the autoscaler that acts, 0 for those that only watch.",
)
API_REQUESTS: Final = MetricSpec(
    "heavylift.autoscaler.api.requests",
    "heavylift_autoscaler_api_requests_total",
    "counter",
    "{request}",
    ("verb", "resource", "code"),
    "Requests to the API server of Kubernetes, by the status of the answer; none where there was no answer.",
)

SCHEDULE_TIMES: Final = MetricSpec(
    "heavylift.schedule.times",
    "heavylift_schedule_times_total",
    "counter",
    "{time}",
    ("task_name", "result"),
    "Times at which a schedule came: `made` a task, found its place `taken` by one that has not ended, or `missed`.",
)
SCHEDULE_LATE: Final = MetricSpec(
    "heavylift.schedule.late",
    "heavylift_schedule_late_seconds",
    "histogram",
    "s",
    ("task_name",),
    "How long after its time a schedule was fired.",
    WAIT_BUCKETS,
)
SCHEDULE_TROUBLES: Final = MetricSpec(
    "heavylift.schedule.troubles",
    "heavylift_schedule_troubles_total",
    "counter",
    "{schedule}",
    ("error_type",),
    "Schedules that had come and could not be fired when it was tried.",
)
SCHEDULES_LOOKED: Final = MetricSpec(
    "heavylift.scheduler.looked.timestamp",
    "heavylift_scheduler_looked_timestamp_seconds",
    "gauge",
    "s",
    (),
    "When a scheduler last saw which schedules have come, in seconds since the epoch.",
)

CATALOGUE: Final = (
    SENT,
    DUPLICATES,
    REFUSED,
    CANCEL_REQUESTS,
    CONSUMED,
    QUEUE_WAIT,
    PROCESS_DURATION,
    END_TO_END,
    ATTEMPTS,
    STALE,
    HANDED_ON,
    PROMOTED,
    DEAD_LETTERED,
    LOG_LINES,
    STREAMS,
    LOST,
    FORK_FAILURES,
    LEASES_ENDED,
    KEYS_REFUSED,
    CLIENTS_CUT,
    OPERATOR_ACTS,
    OBJECT_BYTES,
    OBJECT_DURATION,
    OBJECT_TROUBLES,
    OBJECTS_SWEPT,
    DISRUPTIONS,
    SPANS_DROPPED,
    LABELS_FOLDED,
    QUEUE_MESSAGES,
    OLDEST_AGE,
    PAUSED,
    DEAD_LETTERS,
    CONSUMERS,
    LIFETIME,
    POOL_PODS,
    POOL_WAIT,
    POOL_CHANGES,
    POOL_TROUBLES,
    LEADING,
    API_REQUESTS,
    SCHEDULE_TIMES,
    SCHEDULE_LATE,
    SCHEDULE_TROUBLES,
    SCHEDULES_LOOKED,
)
