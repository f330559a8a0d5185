from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_plain
from prometheus_client.samples import Sample

from heavylift.record import Submission
from heavylift.state import FailureReason
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from heavylift.telemetry import (
    Accepted,
    AttemptEnded,
    DeadLettered,
    Event,
    LeadershipChanged,
    Lost,
    PoolDecided,
    Promoted,
    Refused,
    StoreTrouble,
    TasksClaimed,
    TasksHandedOn,
    TasksSucceeded,
)
from heavylift.telemetry.labels import LIMIT
from heavylift.telemetry.metrics import CATALOGUE, Metrics, MetricSpec, queue_metrics

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
HERE = {"messaging_destination_name": "pictures", "task_name": "thumbnail"}
SENT = HERE | {"messaging_system": "heavylift", "messaging_operation_name": "send"}
DEAD = calls.DeadCount("pictures", FailureReason.EXHAUSTED, 3)
PROCESSED = HERE | {"messaging_system": "heavylift", "messaging_operation_name": "process"}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def _scrape(metrics: Metrics) -> Iterator[Sample]:
    body, _ = metrics.render("text/plain")
    for family in parse_plain(body.decode()):
        yield from family.samples


def _scraped(metrics: Metrics) -> list[tuple[str, dict[str, str], float]]:
    return [(sample.name, sample.labels, sample.value) for sample in _scrape(metrics)]


def _value(metrics: Metrics, name: str, labels: dict[str, str]) -> float:
    return sum(sample.value for sample in _scrape(metrics) if sample.name == name and sample.labels == labels)


def _accepted(kind: str = "thumbnail", **more: object) -> Accepted:
    return Accepted(**{"task_id": "1", "kind": kind, "queue": "pictures", "state": "queued", "traceparent": TRACEPARENT} | more)


def _ended(result: str, **more: object) -> AttemptEnded:
    told = {"task_id": "1", "kind": "thumbnail", "queue": "pictures", "attempt": 1, "duration": 0.7, "since_submit": 40.0}
    return AttemptEnded(**told | {"result": result, "traceparent": TRACEPARENT} | more)


def test_the_life_of_a_task_is_counted_from_its_acceptance_to_its_end(metrics: Metrics) -> None:
    metrics(_accepted())
    metrics(TasksClaimed(kind="thumbnail", queue="pictures", redelivered=False, waits=(0.3,)))
    metrics(_ended("success"))

    assert _value(metrics, "messaging_client_sent_messages_total", SENT) == 1
    assert _value(metrics, "messaging_client_consumed_messages_total", PROCESSED | {"redelivered": "false"}) == 1
    assert _value(metrics, "task_queue_wait_seconds_sum", HERE) == pytest.approx(0.3)
    assert _value(metrics, "messaging_process_duration_seconds_sum", PROCESSED | {"task_result": "success"}) == 0.7
    assert _value(metrics, "task_end_to_end_duration_seconds_sum", HERE | {"task_result": "success"}) == 40.0
    assert _value(metrics, "task_attempts_total", HERE | {"task_result": "success", "error_type": ""}) == 1


def test_dead_letters_are_counted_as_they_come_and_gauged_as_they_are(metrics: Metrics) -> None:
    for _ in range(2):
        metrics(
            DeadLettered(
                task_id="1",
                kind="thumbnail",
                queue="pictures",
                reason="exhausted",
                fingerprint="f",
                attempt=3,
                error_type="OSError",
            )
        )
    assert _value(metrics, "heavylift_dead_letters_added_total", HERE | {"reason": "exhausted"}) == 2

    counts = {"replayed": 5, "discarded": 6, "dropped": 7, "lapsed": 8}
    queue = calls.QueueStatistics("pictures", 1, 2, 3.0, 4, 5, 6, 7, 8, 9, **counts)
    body, _ = metrics.render("text/plain", queue_metrics(calls.StatisticsReply(1, 2, (queue,), (DEAD,))))
    text = body.decode()
    assert 'heavylift_dead_letters{messaging_destination_name="pictures",reason="exhausted"} 3.0' in text
    for outcome, count in counts.items():
        line = f'task_queue_lifetime_messages_total{{messaging_destination_name="pictures",outcome="{outcome}"}} {count}.0'
        assert line in text


def test_successes_that_are_told_together_count_like_single_ones() -> None:
    together, singly = Metrics(), Metrics()
    together(TasksSucceeded(kind="thumbnail", queue="pictures", durations=(0.7, 2.0), since_submits=(40.0, 50.0)))
    singly(_ended("success"))
    singly(_ended("success", duration=2.0, since_submit=50.0))

    assert _scraped(together) == _scraped(singly)


def test_a_submission_that_was_known_already_is_not_counted_as_sent(metrics: Metrics) -> None:
    metrics(_accepted(duplicate=True))

    assert _value(metrics, "messaging_client_sent_messages_total", SENT) == 0
    assert _value(metrics, "task_submissions_duplicate_total", HERE) == 1


def test_a_retry_is_an_attempt_but_not_the_end_of_the_task(metrics: Metrics) -> None:
    metrics(_ended("retry", error_type="ConnectionError", delay=1.0))
    metrics(_ended("failure", error_type="ConnectionError", attempt=2))

    failed = {"error_type": "ConnectionError"}
    assert _value(metrics, "task_attempts_total", HERE | failed | {"task_result": "retry"}) == 1
    assert _value(metrics, "task_attempts_total", HERE | failed | {"task_result": "failure"}) == 1
    assert _value(metrics, "task_end_to_end_duration_seconds_count", HERE | {"task_result": "retry"}) == 0
    assert _value(metrics, "task_end_to_end_duration_seconds_count", HERE | {"task_result": "failure"}) == 1


def test_an_end_that_the_store_refused_counts_as_work_done_twice_and_as_nothing_else(metrics: Metrics) -> None:
    metrics(_ended("success", committed=False))

    assert _value(metrics, "task_attempts_stale_total", HERE) == 1
    assert not [
        sample for sample in _scrape(metrics) if sample.name in ("task_attempts_total", "task_end_to_end_duration_seconds_count")
    ]


def test_what_went_wrong_is_counted_by_its_reason(metrics: Metrics) -> None:
    metrics(Refused(kind="thumbnail", reason="payload-invalid"))
    metrics(TasksClaimed(kind="thumbnail", queue="pictures", redelivered=True, waits=(0.1,)))
    metrics(TasksHandedOn(consumer="w/1", cause="oom", requeued=("1", "2"), buried=("3",), cancelled=("4",)))
    metrics(Promoted(due=5, expired=4))
    metrics(Lost(consumer="w/1", pid=1, reason="oom", cause=""))
    metrics(StoreTrouble(component="upkeep", error_type="StoreUnavailable", message=""))

    assert _value(metrics, "task_submissions_refused_total", {"task_name": "thumbnail", "reason": "payload-invalid"}) == 1
    assert _value(metrics, "messaging_client_consumed_messages_total", PROCESSED | {"redelivered": "true"}) == 1
    assert _value(metrics, "task_handed_on_messages_total", {"outcome": "requeued"}) == 2
    assert _value(metrics, "task_handed_on_messages_total", {"outcome": "buried"}) == 1
    assert _value(metrics, "task_handed_on_messages_total", {"outcome": "cancelled"}) == 1
    assert _value(metrics, "task_promoted_messages_total", {"outcome": "due"}) == 5
    assert _value(metrics, "task_promoted_messages_total", {"outcome": "expired"}) == 4
    assert _value(metrics, "task_worker_process_lost_total", {"reason": "oom"}) == 1
    trouble = {"component": "upkeep", "error_type": "StoreUnavailable"}
    assert _value(metrics, "task_broker_disruptions_total", trouble) == 1


def test_an_exemplar_leads_from_a_number_to_the_trace(metrics: Metrics) -> None:
    metrics(_accepted())
    metrics(TasksClaimed(kind="k", queue="q", redelivered=False, waits=(1.0,), traceparent=TRACEPARENT))
    metrics(_ended("success"))

    body, content_type = metrics.render(OPENMETRICS)

    samples = [sample for family in parse_openmetrics(body.decode()) for sample in family.samples]
    leading = {sample.name for sample in samples if sample.exemplar and sample.exemplar.labels == {"trace_id": TRACE}}
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert leading == {
        "messaging_client_sent_messages_total",
        "task_queue_wait_seconds_bucket",
        "messaging_process_duration_seconds_bucket",
        "task_end_to_end_duration_seconds_bucket",
        "task_attempts_total",
    }


@pytest.mark.parametrize("traceparent", ["", "nonsense", f"00-{'0' * 32}-b7ad6b7169203331-01"])
def test_a_fact_without_a_trace_is_counted_without_an_exemplar(metrics: Metrics, traceparent: str) -> None:
    metrics(_accepted(traceparent=traceparent))

    assert _value(metrics, "messaging_client_sent_messages_total", SENT) == 1
    assert b"trace_id" not in metrics.render(OPENMETRICS)[0]


def test_who_does_not_ask_for_openmetrics_gets_plain_text(metrics: Metrics) -> None:
    metrics(_accepted())

    body, content_type = metrics.render("*/*")

    assert content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert b"trace_id" not in body
    assert b"_created" not in body


def test_invented_names_cannot_fill_the_memory_of_prometheus(metrics: Metrics) -> None:
    for number in range(LIMIT + 100):
        metrics(_accepted(kind=f"kind-{number}"))
        metrics(_ended("failure", kind=f"kind-{number}", error_type=f"Error{number}"))

    kinds = {sample.labels.get("task_name") for sample in _scrape(metrics)}
    errors = {sample.labels.get("error_type") for sample in _scrape(metrics) if sample.name == "task_attempts_total"}
    assert _value(metrics, "messaging_client_sent_messages_total", SENT | {"task_name": "_other"}) == 100
    assert len(kinds - {None, "_other"}) == LIMIT
    assert len(errors) == LIMIT + 1
    assert "_OTHER" in errors
    assert _value(metrics, "telemetry_labels_folded_total", {"label": "error_type"}) == 100


def test_nothing_is_labelled_by_task_worker_or_process(metrics: Metrics, one_of_each: list[Event]) -> None:
    for event in one_of_each:
        metrics(event)

    labels = {label for spec in CATALOGUE for label in spec.labels}
    values = {value for sample in _scrape(metrics) for value in sample.labels.values()}
    assert not labels & {"task_id", "messaging_message_id", "worker", "consumer", "pid", "process_pid"}
    assert not values & {"0192d0de-0000-7000-8000-000000000001", "w/1", "4711"}


def test_what_is_scraped_is_the_catalogue_and_all_of_it(metrics: Metrics, one_of_each: list[Event]) -> None:
    for event in one_of_each:
        metrics(event)
    queue = calls.QueueStatistics("pictures", 1, 2, 3.0, 4, 5, 6, 7, 8, 9)

    body, _ = metrics.render("text/plain", queue_metrics(calls.StatisticsReply(1, 2, (queue,), (DEAD,))))

    scraped = {family.name: family for family in parse_plain(body.decode())}
    assert set(scraped) == {spec.prometheus.removesuffix("_total") for spec in CATALOGUE}
    for spec in CATALOGUE:
        family = scraped[spec.prometheus.removesuffix("_total")]
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert (family.type, family.documentation, labels) == (spec.kind, spec.help, set(spec.labels)), spec.name


def test_a_replica_that_acts_no_more_says_nothing_of_pools(metrics: Metrics) -> None:
    metrics(LeadershipChanged(identity="one", leads=True, holder="one"))
    metrics(PoolDecided(pool="web", mode="acting", ordered=2, wanted=5, ready=2, starting=0, leaving=1, wait=45.0))
    assert _value(metrics, "heavylift_autoscaler_pods", {"pool": "web", "state": "wanted"}) == 5

    metrics(LeadershipChanged(identity="one", leads=False, holder="two"))

    assert not [sample for sample in _scrape(metrics) if sample.name == "heavylift_autoscaler_pods"]
    assert _value(metrics, "heavylift_autoscaler_leading", {}) == 0


@pytest.mark.parametrize("spec", CATALOGUE, ids=lambda spec: spec.name)
def test_a_name_in_prometheus_is_the_translation_of_the_name_in_opentelemetry(spec: MetricSpec) -> None:
    unit = {"s": "_seconds"}.get(spec.unit, "")
    total = "_total" if spec.kind == "counter" else ""

    assert spec.prometheus == f"{spec.name.replace('.', '_')}{unit}{total}"
    assert bool(spec.buckets) == (spec.kind == "histogram")
    assert list(spec.buckets) == sorted(set(spec.buckets))


def test_two_metrics_in_one_process_do_not_collide() -> None:
    one, another = Metrics(), Metrics()

    one(_accepted())

    assert _value(one, "messaging_client_sent_messages_total", SENT) == 1
    assert _value(another, "messaging_client_sent_messages_total", SENT) == 0


def test_the_queues_of_a_real_store_show_as_gauges(metrics: Metrics, redis_store: RedisStore) -> None:
    # Given three tasks that wait, of which one is then taken, and one that is put off
    redis_store.run(calls.Submit(tuple(Submission(kind="k", payload="{}", queue="pictures") for _ in range(3))))
    redis_store.run(calls.Submit((Submission(kind="k", payload="{}", queue="pictures", delay=60.0),)))
    redis_store.run(calls.Register("w1", ("pictures",), 60.0, {}))
    redis_store.run(calls.Claim.of("w1", ("pictures",)))

    # When the store is asked during a scrape
    body, _ = metrics.render(OPENMETRICS, queue_metrics(redis_store.run(calls.Statistics())))

    # Then each is where it is
    samples = [sample for family in parse_openmetrics(body.decode()) for sample in family.samples]
    seen = {(sample.name, *sample.labels.values()): sample.value for sample in samples if sample.name.startswith("task_")}
    assert seen["task_queue_messages", "pictures", "ready"] == 2
    assert seen["task_queue_messages", "pictures", "unacked"] == 1
    assert seen["task_queue_messages", "", "scheduled"] == 1
    assert seen["task_consumers",] == 1
    assert seen["task_queue_lifetime_messages_total", "pictures", "submitted"] == 4
    assert 0 <= seen["task_queue_oldest_message_age_seconds", "pictures"] < 60
