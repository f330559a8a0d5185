"""What the store holds now, as metrics. Asked at scrape time, because only the store knows."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from heavylift.telemetry.metric_specs import CONSUMERS, DEAD_LETTERS, LIFETIME, OLDEST_AGE, PAUSED, QUEUE_MESSAGES


class QueueFigures(Protocol):
    """One queue, as ``heavylift.store.calls.QueueStatistics`` has it."""

    @property
    def queue(self) -> str: ...
    @property
    def ready(self) -> int: ...
    @property
    def running(self) -> int: ...
    @property
    def oldest_age(self) -> float: ...
    @property
    def paused(self) -> bool: ...
    @property
    def counts(self) -> Mapping[str, int]: ...


class DeadFigures(Protocol):
    """The dead letters of a queue for one reason, as ``heavylift.store.calls.DeadCount`` has them."""

    @property
    def queue(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def count(self) -> int: ...


class StoreFigures(Protocol):
    """The store, as ``heavylift.store.calls.StatisticsReply`` has it; that module lies above this one."""

    @property
    def scheduled(self) -> int: ...
    @property
    def consumers(self) -> int: ...
    @property
    def queues(self) -> Sequence[QueueFigures]: ...
    @property
    def dead(self) -> Sequence[DeadFigures]: ...


def queue_metrics(statistics: StoreFigures) -> list[Metric]:
    """The gauges of the catalogue that the reply to ``Statistics`` answers."""
    every = (_messages, _oldest_age, _paused, _dead, _consumers, _lifetime)
    return [family(statistics) for family in every]


def _messages(statistics: StoreFigures) -> Metric:
    family = GaugeMetricFamily(QUEUE_MESSAGES.prometheus, QUEUE_MESSAGES.help, labels=QUEUE_MESSAGES.labels)
    for queue in statistics.queues:
        family.add_metric([queue.queue, "ready"], queue.ready)
        family.add_metric([queue.queue, "unacked"], queue.running)
    family.add_metric(["", "scheduled"], statistics.scheduled)
    return family


def _oldest_age(statistics: StoreFigures) -> Metric:
    family = GaugeMetricFamily(OLDEST_AGE.prometheus, OLDEST_AGE.help, labels=OLDEST_AGE.labels)
    for queue in statistics.queues:
        family.add_metric([queue.queue], queue.oldest_age)
    return family


def _paused(statistics: StoreFigures) -> Metric:
    family = GaugeMetricFamily(PAUSED.prometheus, PAUSED.help, labels=PAUSED.labels)
    for queue in statistics.queues:
        family.add_metric([queue.queue], int(queue.paused))
    return family


def _dead(statistics: StoreFigures) -> Metric:
    family = GaugeMetricFamily(DEAD_LETTERS.prometheus, DEAD_LETTERS.help, labels=DEAD_LETTERS.labels)
    for dead in statistics.dead:
        family.add_metric([dead.queue, dead.reason], dead.count)
    return family


def _consumers(statistics: StoreFigures) -> Metric:
    return GaugeMetricFamily(CONSUMERS.prometheus, CONSUMERS.help, value=statistics.consumers)


def _lifetime(statistics: StoreFigures) -> Metric:
    family = CounterMetricFamily(LIFETIME.prometheus, LIFETIME.help, labels=LIFETIME.labels)
    for queue in statistics.queues:
        for outcome, count in queue.counts.items():
            family.add_metric([queue.queue, outcome], count)
    return family
