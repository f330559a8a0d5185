"""Pods as the recommender wants to know them."""

from heavylift_autoscaler.pods import Pod
from heavylift_autoscaler.roster import Roster


def _pod(name: str, **fields: object) -> Pod:
    given = {"name": name, "uid": f"uid-{name}", "ready": False} | fields
    return Pod(**given)  # type: ignore[arg-type]


def test_a_pod_that_becomes_ready_teaches_how_long_that_takes() -> None:
    roster = Roster()
    roster.look(0.0, [])
    roster.look(1.0, [_pod("a")])
    roster.look(7.0, [_pod("a", ready=True)])

    fleet = roster.fleet(7.0, 2, [_pod("a", ready=True)], forbidden=False)

    assert (fleet.startup, fleet.ready, fleet.starting, fleet.ready_in) == (6.0, 1, 1, 6.0)


def test_pods_that_were_there_before_or_waited_for_a_node_teach_nothing() -> None:
    roster = Roster()
    roster.look(0.0, [_pod("old", ready=True)])
    roster.look(1.0, [_pod("old", ready=True), _pod("late", placed=False, unplaced="no room")])
    roster.look(60.0, [_pod("old", ready=True), _pod("late")])
    roster.look(62.0, [_pod("old", ready=True), _pod("late", ready=True)])

    assert roster.startup.seconds == 10.0


def test_each_pod_counts_as_one_thing() -> None:
    roster = Roster()
    pods = [
        _pod("ready", ready=True),
        _pod("leaving", ready=True, leaving=True),
        _pod("over", over=True),
        _pod("unplaced", placed=False, unplaced="no room"),
        _pod("crashing", crash="it ended"),
        _pod("starting"),
    ]
    roster.look(0.0, pods)

    fleet = roster.fleet(3.0, 5, pods, forbidden=True)

    assert (fleet.ready, fleet.leaving, fleet.unplaced, fleet.failing, fleet.starting) == (1, 1, 2, 1, 1)
    assert fleet.ready_in == 7.0


def test_a_pod_that_takes_several_times_as_long_as_others_fails() -> None:
    roster = Roster()
    roster.look(0.0, [_pod("slow")])

    assert roster.fleet(29.0, 1, [_pod("slow")], forbidden=False).failing == 0
    assert roster.fleet(31.0, 1, [_pod("slow")], forbidden=False).failing == 1


def test_a_pod_that_is_not_ready_for_a_moment_still_counts() -> None:
    roster = Roster()
    roster.look(0.0, [_pod("a", ready=True)])
    roster.look(10.0, [_pod("a")])

    assert roster.fleet(10.0, 1, [_pod("a")], forbidden=False).ready == 1
    assert roster.fleet(31.0, 1, [_pod("a")], forbidden=False).failing == 1
