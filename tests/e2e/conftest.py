"""The system under test, once for the whole run, and what it has to say when a test fails."""

import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import images
from tests.e2e.support.cluster import Cluster
from tests.e2e.support.installing import installed
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import ROOT, Target
from tests.e2e.support.testament import write_testament
from tests.e2e.support.trial import Trial
from tests.e2e.support.verdict import Verdict

RESULTS = ROOT / ".bench/e2e"
CLUSTERS = pytest.StashKey[list[Cluster]]()


@pytest.fixture(scope="session")
def target() -> Target:
    """The cluster, running, with the images in its nodes."""
    target = Target.chosen()
    archive = images.build(target.tag)
    target.enter()
    target.load(archive)
    return target


@pytest.fixture(scope="session")
def namespace(target: Target, request: pytest.FixtureRequest) -> Callable[[str], Cluster]:
    """What tests have of the cluster: a namespace of their own, empty at first."""
    clusters = request.session.stash.setdefault(CLUSTERS, [])

    def made(name: str) -> Cluster:
        clusters.append(Cluster(name))
        clusters[-1].make_namespace_anew()
        return clusters[-1]

    return made


@pytest.fixture(scope="session")
def stand(target: Target, namespace: Callable[[str], Cluster]) -> Iterator[Stand]:
    """Heavylift, installed."""
    with installed(target, namespace("heavylift-e2e"), "heavylift") as stand:
        yield stand


@pytest.fixture
def another(target: Target, namespace: Callable[[str], Cluster]) -> Iterator[Callable[..., Stand]]:
    """Installs one more, in a namespace of its own, for tests that do to it what others could not bear."""
    with ExitStack() as releases:

        def install(name: str, **options: Any) -> Stand:
            cluster = namespace(f"heavylift-e2e-{name}")
            releases.callback(cluster.remove_namespace)
            return releases.enter_context(installed(target, cluster, name, **options))

        yield install


@pytest.fixture
def trial(stand: Stand) -> Iterator[Trial]:
    """A load to be hurt, and a verdict."""
    with Trial(stand) as trial:
        yield trial


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep a verdict under the name of its test, with what was done and the goal, for the table in docs/benchmarks.md."""
    load = os.getloadavg()[0]

    def keep(fault: str, verdict: Verdict, *, goal: float | None = None) -> None:
        RESULTS.mkdir(parents=True, exist_ok=True)
        told = {"fault": fault, "goal": goal, "test": request.node.nodeid, "load": load, **verdict.numbers()}
        (RESULTS / f"{request.node.name}.json").write_text(json.dumps(told, indent=1) + "\n")

    return keep


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep figures under the name of a test that has no verdict."""

    def keep(**figures: float) -> None:
        folder = RESULTS / "measured"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{request.node.name}.json").write_text(json.dumps(figures, indent=1) + "\n")

    return keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Logs and events are written out for a test that has failed, and for no other."""
    report = yield
    if report.failed:
        for cluster in item.session.stash.get(CLUSTERS, []):
            folder = Path(RESULTS / "failed" / item.name / report.when / cluster.namespace)
            report.sections.append((cluster.namespace, write_testament(cluster, folder)))
    return report
