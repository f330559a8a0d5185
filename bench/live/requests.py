"""How often each asks the API server: it counts by flow, and every account has one of its own for each pool."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from bench.live.kubectl import raw
from bench.live.manifests import SYSTEM, Manifest, counted

_KEDA: Final = ("keda", "keda-operator")
_HPA: Final = (SYSTEM, "horizontal-pod-autoscaler")
_METRICS: Final = (SYSTEM, "metrics-server")
_COUNT: Final = re.compile(
    r'^apiserver_flowcontrol_dispatched_requests_total\{.*flow_schema="bench-([^"]+)".*\} (\S+)$', re.MULTILINE
)


def flows(pools: Iterable[tuple[str, str]]) -> list[Manifest]:
    """For pools, each its namespace and the account of its autoscaler, and for what is asked about none of them."""
    found = [counted("bench-keda.elsewhere", _KEDA), counted("bench-hpa.elsewhere", _HPA), counted("bench-metrics.all", _METRICS)]
    for namespace, account in pools:
        found += [
            counted(f"bench-autoscaler.{namespace}", (namespace, account), before=40),
            counted(f"bench-keda.{namespace}", _KEDA, namespace=namespace, before=50),
            counted(f"bench-hpa.{namespace}", _HPA, namespace=namespace, before=50),
        ]
    return found


def requests() -> Counter[str]:
    """How many requests there have been by flow, such as `keda.heavylift-bench-tuned`."""
    return read(raw("/metrics"))


def read(metrics: str) -> Counter[str]:
    """The same from the text of the API server."""
    found: Counter[str] = Counter()
    for flow, number in _COUNT.findall(metrics):
        found[flow] += int(float(number))
    return found


def of_pool(found: Counter[str], namespace: str) -> dict[str, int]:
    """Those about one pool, by who asked."""
    return {flow.partition(".")[0]: number for flow, number in found.items() if flow.partition(".")[2] == namespace}
