"""Nodes lose their power or their cable."""

from collections.abc import Callable

from tests.e2e.support.goals import NODE_LOST, allowed
from tests.e2e.support.stand import Stand
from tests.e2e.support.trial import Trial

#: Seconds in which the control plane of the cluster under test holds a silent node for lost, and replaces what ran there.
NOTICED = 90


def test_tasks_of_a_node_without_power_run_on_others(stand: Stand, trial: Trial, record: Callable[..., None]):
    # Given a node with a worker in the middle of tasks
    with trial.under_load():
        node = stand.node_of(trial.busy_worker(spared=stand.refuge))

        # When its power is cut, until the control plane has noticed and is back
        with trial.struck_by(stand.power.cut(node)):
            stand.cluster.await_node(node, ready=False, within=NOTICED)
            trial.await_flow()
        stand.cluster.await_node(node, ready=True, within=NOTICED)

    # Then its tasks have run elsewhere
    verdict = trial.verdict()
    record("node without power", verdict, goal=NODE_LOST)
    assert verdict.sound, verdict
    assert verdict.cut > 0, "nothing was running on the node that lost its power"
    assert verdict.resumed is not None
    assert verdict.resumed <= allowed(NODE_LOST)
    assert verdict.gap_accepted <= allowed(NODE_LOST)


def test_a_worker_that_comes_back_with_its_network_overwrites_nothing(stand: Stand, trial: Trial, record: Callable[..., None]):
    # Given a node with a worker in the middle of tasks
    with trial.under_load():
        node = stand.node_of(trial.busy_worker(spared=stand.refuge))

        # When the node is cut off, long enough for its tasks to be handed on, and comes back
        with trial.struck_by(stand.power.unplugged(node)):
            stand.cluster.await_node(node, ready=False, within=NOTICED)
            trial.await_flow()
        stand.cluster.await_node(node, ready=True, within=NOTICED)

    # Then what ran there meanwhile has not been committed beside what ran elsewhere
    verdict = trial.verdict()
    record("node without its cable, and back", verdict, goal=NODE_LOST)
    assert verdict.sound, verdict
    assert verdict.gap_accepted <= allowed(NODE_LOST)
