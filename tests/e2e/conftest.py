"""The system under test, once for the whole run, and what it has to say when a test fails."""

import json
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.e2e.support import images, journal
from tests.e2e.support.cluster import Cluster
from tests.e2e.support.helm import Release
from tests.e2e.support.power import Power
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import ROOT, Target
from tests.e2e.support.testament import write_testament
from tests.e2e.support.trial import Trial
from tests.e2e.support.verdict import Verdict

RESULTS = ROOT / ".bench/e2e"
NAMESPACE = "heavylift-e2e"
HOST = "heavylift.example"
CLUSTER = pytest.StashKey[Cluster]()


@pytest.fixture(scope="session")
def target() -> Target:
    """The cluster, running, with the images in its nodes."""
    target = Target.chosen()
    archive = images.build(target.tag)
    target.enter()
    target.load(archive)
    return target


@pytest.fixture(scope="session")
def cluster(target: Target, request: pytest.FixtureRequest) -> Cluster:
    """What the tests have of it: one namespace, empty at first."""
    cluster = Cluster(NAMESPACE)
    cluster.make_namespace_anew()
    request.session.stash[CLUSTER] = cluster
    return cluster


@pytest.fixture(scope="session")
def stand(target: Target, cluster: Cluster) -> Iterator[Stand]:
    """Heavylift, installed as its chart says, with small requests and the worker that has our tasks."""
    release = Release("heavylift", NAMESPACE, "deploy/kind/values.yaml", "tests/e2e/values.yaml")
    values = {
        "api.image.tag": target.tag,
        "worker.image.tag": target.tag,
        "worker.image.repository": images.REPOSITORY,
    }
    release.install(values)
    refuge = cluster.nodes()[0]
    yield Stand(
        cluster=cluster,
        release=release,
        power=Power(target),
        refuge=refuge,
        address=f"http://{cluster.node_address(refuge)}",
        host=HOST,
        journal_url=journal.start(cluster, refuge),
        values=values,
    )
    release.uninstall()


@pytest.fixture
def trial(stand: Stand) -> Iterator[Trial]:
    """A load to be hurt, and a verdict."""
    trial = Trial(stand)
    yield trial
    trial.entrance.close()


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep a verdict under the name of its test, for the table in docs/benchmarks.md."""

    def keep(verdict: Verdict, **measured: float) -> None:
        RESULTS.mkdir(parents=True, exist_ok=True)
        numbers = {name: value for name in Verdict.__slots__ if not isinstance(value := getattr(verdict, name), tuple)}
        text = json.dumps(
            numbers | {"lost": len(verdict.lost), "double_commits": len(verdict.double_commits)} | measured, indent=1
        )
        (RESULTS / f"{request.node.name}.json").write_text(text + "\n")

    return keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Logs and events are written out for a test that has failed, and for no other."""
    report = yield
    cluster = item.session.stash.get(CLUSTER, None)
    if report.failed and cluster:
        folder = Path(RESULTS / "failed" / item.name / report.when)
        report.sections.append(("cluster", write_testament(cluster, folder)))
    return report
