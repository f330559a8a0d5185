"""Who decides how many workers there are is changed while they work."""

from collections.abc import Callable
from typing import Any, Final

from tests.e2e.support.numbers import Numbers
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import Target
from tests.e2e.support.trial import Trial

ENGINES: Final = ("controller", "keda", "none", "controller")

#: Where KEDA asks from.
KEDA: Final = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "keda"}}}]
AT_REST: Final[dict[str, Any]] = {"networkPolicy.autoscaler.from": KEDA, "worker.replicas": 3, "worker.scaling.maxReplicas": 3}


def test_another_engine_changes_no_number_by_itself_and_loses_nothing(
    target: Target, another: Callable[..., Stand], record: Callable[..., None]
):
    # Given three pods that nobody scales, and tasks that are submitted and run
    target.bring("keda")
    stand = another("engines", settings=AT_REST)
    pool = f"{stand.release.name}-heavylift-worker-default"
    with Trial(stand) as trial:
        with trial.under_load(), Numbers(stand.cluster, pool) as numbers:
            trial.strike(lambda: None)
            for engine in ENGINES:
                # When another engine decides, and has had the time to
                stand.release.install(stand.values | {"autoscaling.engine": engine})
                trial.pause(20)
        verdict = trial.verdict()

    # Then there were three pods at every moment, and who tried once more did not notice
    record("engine of scaling changed four times", verdict)
    assert numbers.seen == [3]
    assert verdict.sound, verdict
    assert verdict.forsaken == 0, verdict.answers
    assert verdict.repeated == 0
