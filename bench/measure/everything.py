"""The list of all measurements, in the order in which they are told."""

from typing import Final

from bench.measure import backlog, crowd, delayed, http, latency, submit, throughput, trouble, waiting, weight
from bench.measurement import Measurement

EVERYTHING: Final[tuple[Measurement, ...]] = tuple(
    module.MEASUREMENT for module in (submit, http, trouble, throughput, latency, waiting, crowd, backlog, delayed, weight)
)
