"""What the dashboard shows: for each panel what it means, what is bad about it and what to do."""

from dataclasses import dataclass
from typing import Final

from heavylift.telemetry import metric_specs as m

_QUEUE: Final = "messaging_destination_name"


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. ``curves`` are expressions by their legend, ``unit`` is Grafana's."""

    title: str
    meaning: str
    unit: str
    curves: dict[str, str]


def _series(metric: m.MetricSpec, suffix: str = "", more: str = "") -> str:
    """All series of a metric in the chosen namespace and, where it has them, queues."""
    chosen = ['namespace="$namespace"', f'{_QUEUE}=~"$queue"' if _QUEUE in metric.labels else "", more]
    return f"{metric.prometheus}{suffix}{{{', '.join(part for part in chosen if part)}}}"


def _rate(metric: m.MetricSpec, *by: str, more: str = "") -> str:
    """How often a second, of all pods together."""
    return f"sum by ({', '.join(by)}) (rate({_series(metric, more=more)}[$__rate_interval]))"


def _told(metric: m.MetricSpec, *by: str, more: str = "") -> str:
    """What every replica says alike."""
    return f"max by ({', '.join(by)}) ({_series(metric, more=more)})"


def _quantiles(metric: m.MetricSpec, *by: str) -> dict[str, str]:
    """The halfway mark and the slow end of a distribution."""
    buckets = f"sum by ({', '.join(('le', *by))}) (rate({_series(metric, '_bucket')}[$__rate_interval]))"
    names = "".join(f" {{{{{label}}}}}" for label in by)
    return {f"p{share}{names}": f"histogram_quantile(0.{share}, {buckets})" for share in ("50", "95", "99")}


_READY: Final = _told(m.QUEUE_MESSAGES, _QUEUE, more='state="ready"')
_SPARE: Final = f"({_rate(m.ATTEMPTS)} - {_rate(m.SENT)})"

ROWS: Final[dict[str, tuple[Panel, ...]]] = {
    "Is work late?": (
        Panel(
            "The oldest task that waits",
            "How late we are now. It grows steadily when nobody, or too few, take tasks of that queue: add pods or children.",
            "s",
            {"{{messaging_destination_name}}": _told(m.OLDEST_AGE, _QUEUE)},
        ),
        Panel(
            "Tasks that wait and run",
            "ready wait for a worker, unacked run, scheduled wait for their time.",
            "short",
            {"{{messaging_destination_name}} {{state}}": _told(m.QUEUE_MESSAGES, _QUEUE, "state")},
        ),
        Panel(
            "Paused queues",
            "1 while somebody has paused the queue: it takes tasks and gives none out. GET /v1/queues says who and why.",
            "short",
            {"{{messaging_destination_name}}": _told(m.PAUSED, _QUEUE)},
        ),
        Panel(
            "Until all that waits is done",
            "At the present pace. No curve: more comes in than goes out, or nothing is done, and it would take for ever.",
            "s",
            {"all queues": f"sum ({_READY}) / ({_SPARE} > 0)"},
        ),
        Panel(
            "In and out",
            "Tasks accepted, taken in hand and tried, a second. Taken and tried below accepted for long means a backlog.",
            "cps",
            {
                "accepted": _rate(m.SENT),
                "taken in hand": _rate(m.CONSUMED),
                "tried: {{task_result}}": _rate(m.ATTEMPTS, "task_result"),
            },
        ),
        Panel(
            "Wait before a run",
            "From the queue to a worker, of tasks that were taken. It is silent when none is: look at the oldest task, too.",
            "s",
            _quantiles(m.QUEUE_WAIT),
        ),
        Panel(
            "Workers",
            "Consumers that hold a lease: a worker has one for each of its children. 0 while tasks wait is an alert.",
            "short",
            {"consumers": _told(m.CONSUMERS)},
        ),
    ),
    "What do tasks do?": (
        Panel(
            "Time of a run",
            "Of one attempt. Where it nears the time limit of a kind, attempts will be ended.",
            "s",
            _quantiles(m.PROCESS_DURATION, "task_name"),
        ),
        Panel(
            "From submission to end",
            "With all attempts and pauses: what somebody who waits for it feels.",
            "s",
            _quantiles(m.END_TO_END, "task_name"),
        ),
        Panel(
            "Attempts that failed",
            "failure is the function's doing, error the platform's: a dead child, a lost worker, a time limit.",
            "cps",
            {
                "{{task_name}} {{task_result}} {{error_type}}": _rate(
                    m.ATTEMPTS, "task_name", "task_result", "error_type", more='task_result!="success"'
                )
            },
        ),
        Panel(
            "Submissions that were not taken",
            "Refused, by the type of the problem, of Redis or of the client. Those that were known are repetitions, and fine.",
            "cps",
            {
                "refused: {{reason}}": _rate(m.REFUSED, "reason"),
                "known already": _rate(m.DUPLICATES),
                "key {{reason}}": _rate(m.KEYS_REFUSED, "reason"),
                "cut off: {{reason}}": _rate(m.CLIENTS_CUT, "reason"),
            },
        ),
        Panel(
            "Called off, ends, and acts of operators",
            "Cancellations that were asked for, what became of tasks since the store began, and what operators did over HTTP.",
            "cps",
            {
                "asked to end: {{state}}": _rate(m.CANCEL_REQUESTS, "state"),
                "{{action}}: {{outcome}}": _rate(m.OPERATOR_ACTS, "action", "outcome"),
                "{{outcome}}": f"sum by (outcome) (max by ({_QUEUE}, outcome) (rate({_series(m.LIFETIME)}[$__rate_interval])))",
            },
        ),
        Panel(
            "Who follows tasks",
            "Streams of events that are open. At HEAVYLIFT_API_STREAMS for each pod of the API, others are told to come again.",
            "short",
            {"streams": f"sum({_series(m.STREAMS)})"},
        ),
        Panel(
            "What tasks log",
            "Lines that are kept with their tasks. dropped were too many, or a redaction hook took them or failed.",
            "cps",
            {"{{outcome}}": _rate(m.LOG_LINES, "outcome")},
        ),
        Panel(
            "Tasks whose time came",
            "due entered their queue, expired ended without a start: they waited longer than their submitter allowed.",
            "cps",
            {"{{outcome}}": _rate(m.PROMOTED, "outcome")},
        ),
    ),
    "What was given up?": (
        Panel(
            "Dead letters",
            "Failed tasks that nobody has replayed or discarded. `heavylift dlq groups` says which fault most of them share.",
            "short",
            {"{{messaging_destination_name}} {{reason}}": _told(m.DEAD_LETTERS, _QUEUE, "reason")},
        ),
        Panel(
            "New dead letters",
            "By the reason. quarantined tasks kill their workers; undecodable and unknown_kind are a deployment that lags.",
            "cps",
            {"{{task_name}} {{reason}}": _rate(m.DEAD_LETTERED, "task_name", "reason")},
        ),
    ),
    "Are there as many workers as were promised?": (
        Panel(
            "Pods of a pool",
            "As who acts tells. wanted above ordered for long: see the troubles; starting for long: no room, or no image.",
            "short",
            {"{{pool}} {{state}}": _told(m.POOL_PODS, "pool", "state")},
        ),
        Panel(
            "Wait of the newest task",
            "What it would wait with the pods that there are. Above the wait that the pool promises there should be more soon.",
            "s",
            {"{{pool}}": _told(m.POOL_WAIT, "pool")},
        ),
        Panel(
            "Changes of the number of pods",
            "Up and down again within minutes is flapping: raise scaling.calm or scaling.tolerance of the pool.",
            "cps",
            {"{{pool}} {{direction}}": _rate(m.POOL_CHANGES, "pool", "direction")},
        ),
        Panel(
            "What keeps a pool from its size",
            "By what it is; the event of the same moment has the sentence.",
            "cps",
            {"{{pool}} {{trouble}}": _rate(m.POOL_TROUBLES, "pool", "trouble")},
        ),
        Panel(
            "Who acts",
            "One replica of the autoscaler; none for longer than its lease means that nobody scales.",
            "short",
            {"replicas that act": f"sum({_series(m.LEADING)})"},
        ),
        Panel(
            "Requests to the API server",
            "By the status of the answer; none is no answer. What was forbidden (403) is a right that the Role lacks.",
            "cps",
            {"{{verb}} {{resource}} {{code}}": _rate(m.API_REQUESTS, "verb", "resource", "code")},
        ),
    ),
    "Do schedules come at their times?": (
        Panel(
            "Times that came",
            "taken: the task of an earlier time has not ended. missed: nobody fired them, and they were not made up for.",
            "cps",
            {"{{task_name}} {{result}}": _rate(m.SCHEDULE_TIMES, "task_name", "result")},
        ),
        Panel(
            "How late they were fired",
            "Milliseconds, where schedulers run and Redis answers. A peak is what was made up for.",
            "s",
            _quantiles(m.SCHEDULE_LATE),
        ),
        Panel(
            "Time since a scheduler has looked",
            "They look every five seconds at least. If it grows, no scheduler runs, or Redis does not answer them.",
            "s",
            {"since the last look": f"time() - max({_series(m.SCHEDULES_LOOKED)})"},
        ),
        Panel(
            "Schedules that could not be fired",
            "By the error; the scheduler's log names the schedule. It is tried again each second.",
            "cps",
            {"{{error_type}}": _rate(m.SCHEDULE_TROUBLES, "error_type")},
        ),
    ),
    "What is kept in the object store?": (
        Panel(
            "Payloads and results",
            "Bytes that were put into it or got from it: what is too large for Redis.",
            "Bps",
            {"{{operation}} {{role}}": _rate(m.OBJECT_BYTES, "operation", "role")},
        ),
        Panel(
            "Time that it takes",
            "To put an object or to get it, with all that was tried again.",
            "s",
            _quantiles(m.OBJECT_DURATION, "operation"),
        ),
        Panel(
            "Objects that nobody needs any more",
            "Deleted, because no record refers to them; and what the object store did not do, by the error.",
            "cps",
            {
                "deleted": _rate(m.OBJECTS_SWEPT),
                "failed: {{operation}} {{error_type}}": _rate(m.OBJECT_TROUBLES, "operation", "error_type"),
            },
        ),
    ),
    "What broke?": (
        Panel(
            "Calls to Redis that failed",
            "By who asked. A peak is a failover; if it lasts, see the runbook for Redis that is away.",
            "cps",
            {"{{component}} {{error_type}}": _rate(m.DISRUPTIONS, "component", "error_type")},
        ),
        Panel(
            "Children of workers that died",
            "oom is the pod's memory limit: raise it or lower the concurrency. Forks that fail want memory or processes, too.",
            "cps",
            {"{{reason}}": _rate(m.LOST, "reason"), "could not be forked": _rate(m.FORK_FAILURES)},
        ),
        Panel(
            "Work that was moved or done twice",
            "Handed on, by the outcome. A lease that ended under a living child, and one that was refused, is work done twice.",
            "cps",
            {
                "handed on: {{outcome}}": _rate(m.HANDED_ON, "outcome"),
                "lease over": _rate(m.LEASES_ENDED),
                "end refused": _rate(m.STALE),
            },
        ),
        Panel(
            "What telemetry itself lost",
            "Spans that did not reach the collector, and label values that are counted as other because there were too many.",
            "cps",
            {
                "spans: {{error_type}}": _rate(m.SPANS_DROPPED, "error_type", more='error_type!=""'),
                "folded: {{label}}": _rate(m.LABELS_FOLDED, "label"),
            },
        ),
    ),
}
