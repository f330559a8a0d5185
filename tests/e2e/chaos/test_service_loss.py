"""What stands between clients and the store goes: pods of the API, and names."""

from collections.abc import Callable

from tests.e2e.support.stand import Stand
from tests.e2e.support.trial import Trial

NAMELESS = 30.0  #: Seconds without DNS.


def test_clients_that_try_once_more_do_not_notice_that_pods_of_the_api_are_killed(
    stand: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        # When the pods of the API are killed one by one
        for pod in stand.pods("api"):
            trial.strike(lambda pod=pod: stand.cluster.kill_pod(pod))
            stand.cluster.await_rolled_out()

    verdict = trial.verdict()
    record("pods of the API killed one by one", verdict)
    assert verdict.sound, verdict
    assert verdict.forsaken == 0


def test_what_runs_goes_on_without_names(stand: Stand, trial: Trial, record: Callable[..., None]):
    # Given tasks that are submitted and run, when nobody in the cluster can look up a name
    names_gone = stand.cluster.without("coredns", namespace="kube-system")
    with trial.under_load(), trial.struck_by(names_gone):
        trial.pause(NAMELESS)

    verdict = trial.verdict()
    record("no DNS for 30 s", verdict)
    assert verdict.sound, verdict
