"""Workers go, in every way in which a pod can go."""

from collections.abc import Callable

from tests.e2e.support.stand import Stand
from tests.e2e.support.trial import Trial


def test_tasks_of_a_worker_whose_pod_is_deleted_by_force_run_on_another(stand: Stand, trial: Trial, record: Callable[..., None]):
    # Given a worker in the middle of tasks
    with trial.under_load():
        victim = trial.busy_worker()

        # When its pod is gone without a word
        trial.strike(lambda: stand.cluster.kill_pod(victim))

    # Then its tasks have run elsewhere, and are committed once
    verdict = trial.verdict()
    record("pod of a worker deleted by force", verdict)
    assert verdict.sound, verdict
    assert verdict.cut > 0, "nothing was running on the worker that was killed"
    assert verdict.forsaken == 0


def test_a_drained_node_gives_its_tasks_back_and_none_runs_twice(stand: Stand, trial: Trial, record: Callable[..., None]):
    # Given a node with a worker in the middle of tasks
    with trial.under_load():
        node = stand.node_of(trial.busy_worker(spared=stand.refuge))

        # When it is drained, and let in again
        trial.strike(lambda: stand.drain(node))
        stand.cluster.set_schedulable(node, True)

    # Then whoever was asked to go had the time to end or give back what it ran
    verdict = trial.verdict()
    record("node drained", verdict)
    assert verdict.sound, verdict
    assert verdict.cut == 0
    assert verdict.forsaken == 0
