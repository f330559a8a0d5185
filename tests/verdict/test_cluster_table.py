"""What is told of the end-to-end tests in docs/benchmarks.md."""

from tests.e2e.support.verdict import judge
from tests.e2e.table import HEAD, written
from tests.verdict.test_cluster_verdict import WELL


def test_each_fault_has_a_row_with_what_was_felt_and_the_goal():
    felt = judge(WELL).numbers()
    results = [
        {"fault": "node off", "test": "chaos/test_node.py::test_off", "goal": 30.0, "load": 1.4, **felt},
        {"fault": "worker killed", "test": "chaos/test_death.py::test_dead", "goal": None, "load": 2.0, **felt, "resumed": 15.44},
    ]

    head, _, killed, off = written(results).splitlines()

    assert head == HEAD
    assert killed == "| worker killed | 2 | 0 | 0 | 0 | 0 | 0 | 0.5 s |  | 0.5 s | 15.4 s | 2 |"
    assert off == "| node off | 2 | 0 | 0 | 0 | 0 | 0 | 0.5 s | ≤ 30 s | 0.5 s |  | 1 |"
    assert HEAD.count("|") == off.count("|")
