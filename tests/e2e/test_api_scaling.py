"""The API has as many pods as it needs, by the processor time that they take."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tests.e2e.support.crowd import Crowd
from tests.e2e.support.numbers import Numbers
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import Target
from tests.e2e.support.trial import Trial
from tests.support.eventually import eventually

LEAST, MOST = 2, 3

#: An HPA would not take pods away for 300 s by itself, and would take the start of a pod for its work.
HASTE: Final = {
    "scaleUp": {"stabilizationWindowSeconds": 30},
    "scaleDown": {"stabilizationWindowSeconds": 15, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 15}]},
}
SCALED: Final[dict[str, Any]] = {
    "api.autoscaling": {"enabled": True, "minReplicas": LEAST, "maxReplicas": MOST, "targetCPU": 50, "behavior": HASTE},
    "api.resources.requests.cpu": "100m",
}


def test_the_api_grows_and_shrinks_with_its_load_and_refuses_nobody(
    target: Target, another: Callable[..., Stand], record: Callable[..., None]
):
    # Given an API that an HPA scales
    target.bring("metrics-server")
    stand = another("scaled", settings=SCALED)
    api = f"{stand.release.name}-heavylift-api"
    with Trial(stand) as trial:
        with trial.under_load(), Numbers(stand.cluster, api) as numbers:
            # When it has much to do
            trial.strike(lambda: None)
            with Crowd(stand.connect, 4) as crowd:
                # Then there are more pods
                eventually(lambda: stand.cluster.replicas(api), holds=MOST.__eq__, within=180, claim="more pods of the API")
                stand.cluster.await_rolled_out()

                # And neither an upgrade that replaces them all nor who drains their nodes takes any away
                stand.release.install(stand.values | {"api.podAnnotations": {"round": "two"}})
                for pod in stand.pods("api"):
                    eventually(partial(stand.cluster.evict, pod), within=120, claim=f"leave for {pod} to go")
                stand.cluster.await_rolled_out()
                assert stand.cluster.replicas(api) == MOST
            # And when it has little to do, there are as few as before
            eventually(lambda: stand.cluster.replicas(api), holds=LEAST.__eq__, within=240, claim="fewer pods of the API")
        verdict = trial.verdict()

    # Then nobody has noticed any of it
    record("API scaled from 2 to 3 and back, upgraded and its pods evicted at 3", verdict)
    assert verdict.sound, verdict
    assert verdict.failed == 0, verdict.answers
    assert set(crowd.answers) == {"200"}
    assert numbers.turns == 1, numbers.seen


def test_who_stops_scaling_the_api_keeps_the_pods_that_there_are(target: Target, another: Callable[..., Stand]):
    # Given an API that an HPA is to scale to three pods at least
    target.bring("metrics-server")
    stand = another("scaling", settings=SCALED | {"api.autoscaling.minReplicas": 3, "api.autoscaling.maxReplicas": 5})
    api = f"{stand.release.name}-heavylift-api"
    eventually(lambda: stand.cluster.replicas(api), holds=(3).__eq__, within=60, claim="the least number of pods")

    with Numbers(stand.cluster, api) as numbers:
        # When it is scaled no more, and then scaled again
        stand.release.install(stand.values | {"api.autoscaling.enabled": False})
        stand.release.install(stand.values)

    # Then the number has not changed
    assert numbers.seen == [3]

    # And when somebody names another number, it is that one
    stand.release.install(stand.values | {"api.autoscaling.enabled": False, "api.replicas": 1})
    assert stand.cluster.replicas(api) == 1
