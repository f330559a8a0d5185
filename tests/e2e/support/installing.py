"""A release under test: Heavylift as its chart says, with small requests, a way in, and the worker that has our tasks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.e2e.support import images, journal
from tests.e2e.support.cluster import Cluster
from tests.e2e.support.helm import CHART, Release
from tests.e2e.support.power import Power
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import Target

FILES: Final = ("deploy/kind/values.yaml", "tests/e2e/values.yaml")


def values_of(tag: str, host: str) -> dict[str, Any]:
    """What is said to the chart besides its files: whose images, and under which name the world comes in."""
    return {
        "api.image.tag": tag,
        "worker.image.tag": tag,
        "worker.image.repository": images.REPOSITORY,
        "api.ingress.hosts": [host],
    }


@contextmanager
def installed(
    target: Target,
    cluster: Cluster,
    name: str,
    *,
    chart: Path = CHART,
    tag: str = "",
    settings: Mapping[str, Any] | None = None,
) -> Iterator[Stand]:
    """Install it into the namespace of ``cluster``, and remove it at the end. ``settings`` are further values."""
    host = f"{name}.example"
    later = ("autoscaler", "scheduler")  # which those of before do not know
    own = {f"{part}.image.tag": target.tag for part in later} if chart == CHART else {}
    values = values_of(tag or target.tag, host) | own | dict(settings or {})
    release = Release(name, cluster.namespace, *FILES)
    release.install(values, chart=chart)
    refuge = cluster.nodes()[0]
    try:
        yield Stand(
            cluster=cluster,
            release=release,
            power=Power(target),
            refuge=refuge,
            address=f"http://{cluster.node_address(refuge)}",
            host=host,
            journal_url=journal.start(cluster, refuge),
            values=values,
        )
    finally:
        release.uninstall()
