"""The cluster with all contenders on it, each installed as the chart has it."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from bench.live import requests
from bench.live.contenders import Contender
from bench.live.kubectl import apply, delete
from bench.live.pitch import Pitch
from bench.live.watcher import Watcher
from tests.e2e.support import images
from tests.e2e.support.cluster import Cluster
from tests.e2e.support.installing import installed
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import Target

ADDONS = ("metrics-server", "keda")
AT_ONCE = 2  #: Releases that are installed side by side.


@contextmanager
def field(contenders: Sequence[Contender]) -> Iterator[list[Pitch]]:
    """Everything is there and at rest; the API server counts whose requests are whose. At the end all is taken away again."""
    target = Target.chosen()
    archive = images.build(target.tag)
    target.enter()
    target.load(archive)
    for addon in ADDONS:
        target.bring(addon)
    with ExitStack() as stack:
        stands = _install(stack, target, contenders)
        watcher = stack.enter_context(Watcher())
        pitches = [Pitch(contender, stand, watcher) for contender, stand in zip(contenders, stands, strict=True)]
        stack.enter_context(_counted(pitches))
        yield pitches


def _install(stack: ExitStack, target: Target, contenders: Sequence[Contender]) -> list[Stand]:
    with ThreadPoolExecutor(AT_ONCE) as people:
        return list(people.map(lambda contender: _stand(stack, target, contender), contenders))


def _stand(stack: ExitStack, target: Target, contender: Contender) -> Stand:
    cluster = Cluster(f"heavylift-bench-{contender.name}")
    cluster.make_namespace_anew()
    stack.callback(cluster.remove_namespace)
    return stack.enter_context(installed(target, cluster, f"bench-{contender.name}", settings=contender.settings))


@contextmanager
def _counted(pitches: Sequence[Pitch]) -> Iterator[None]:
    flows = requests.flows((pitch.namespace, pitch.autoscaler) for pitch in pitches)
    apply(flows)
    try:
        yield
    finally:
        delete(flows)
