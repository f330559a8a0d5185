"""Fewer pods, step by step, whatever pods and stores say in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import hypothesis.strategies as st
from hypothesis import given, settings

from heavylift.store.calls import Host
from heavylift_autoscaler.pods import Pod
from heavylift_autoscaler.scale_in import MARK, ScaleIn
from heavylift_autoscaler.victims import choose

ALL = ("a", "b", "c", "d")


@dataclass
class Cluster:
    """Four pods, what they have in hand, who rests, and their marks, which are seen a step later."""

    in_hand: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ALL, 0))
    ready: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(ALL, True))
    resting: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.scale_in = ScaleIn(self._rest, self._mark)

    @property
    def pods(self) -> list[Pod]:
        """As the watch shows them."""
        return [Pod(name=name, uid=name, ready=self.ready[name], cost=self.marks.get(name, "")) for name in sorted(self.in_hand)]

    def step(self, number: int) -> int:
        """A second later."""
        self.now += 1.0
        return self.scale_in.step(self.now, self.pods, number)

    def first_to_go(self, number: int) -> list[Pod]:
        """Whom Kubernetes would take."""
        return sorted(self.pods, key=lambda pod: (pod.ready, int(pod.cost or 0)))[:number]

    def _rest(self, hosts: Sequence[str], seconds: float) -> Mapping[str, Host]:
        self.resting = self.resting | set(hosts) if seconds else self.resting - set(hosts)
        return {name: Host(name, 1, held, name in self.resting) for name, held in self.in_hand.items()}

    def _mark(self, pod: str, cost: str | None) -> None:
        self.marks = {**self.marks, pod: cost} if cost else {name: mark for name, mark in self.marks.items() if name != pod}


def test_idle_pods_go_once_they_rest_and_their_marks_were_seen() -> None:
    cluster = Cluster(in_hand={"a": 1, "b": 0, "c": 2, "d": 0})

    steps = [cluster.step(2) for _ in range(4)]

    assert steps == [0, 0, 0, 2]
    assert cluster.marks == {"b": MARK, "d": MARK}
    assert cluster.resting == {"b", "d"}


def test_those_that_are_idle_go_before_the_others_have_ended() -> None:
    cluster = Cluster(in_hand={"a": 1, "b": 1, "c": 1, "d": 0})

    steps = [cluster.step(2) for _ in range(4)]

    assert steps[-1] == 1
    assert cluster.scale_in.waits_for == "1 of 2 pods that are to go finish what they run"


def test_marks_that_a_leader_before_has_left_on_busy_pods_are_taken_off_first() -> None:
    cluster = Cluster(in_hand={"a": 1, "b": 0, "c": 1, "d": 1}, marks={"a": MARK})

    steps = [cluster.step(1) for _ in range(5)]

    assert steps[:3] == [0, 0, 0]
    assert 1 in steps
    assert cluster.marks == {"b": MARK}


def test_pods_that_are_spared_lose_their_marks_and_work_again() -> None:
    cluster = Cluster()
    for _ in range(3):
        cluster.step(2)

    cluster.scale_in.call_off(cluster.pods)

    assert (cluster.marks, cluster.resting) == ({}, set())


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_whatever_happens_only_idle_pods_go(data: st.DataObject) -> None:
    marks = data.draw(st.sampled_from([{}, {"a": MARK}, {"b": MARK, "c": MARK}]))
    cluster = Cluster(marks=dict(marks))
    for _ in range(data.draw(st.integers(1, 15))):
        for name in list(cluster.in_hand):
            if name not in cluster.resting:
                cluster.in_hand[name] = data.draw(st.integers(0, 2))
            elif cluster.in_hand[name]:
                cluster.in_hand[name] -= data.draw(st.integers(0, 1))
            cluster.ready[name] = cluster.in_hand[name] > 2 or data.draw(st.sampled_from([True, True, True, False]))
        if data.draw(st.sampled_from([False, False, False, True])):
            cluster.scale_in.call_off(cluster.pods)
            continue

        number = cluster.step(data.draw(st.integers(0, 3)))

        for victim in cluster.first_to_go(number):
            assert cluster.in_hand.pop(victim.name) == 0, victim
            cluster.resting.discard(victim.name)
            del cluster.ready[victim.name]


def test_of_equals_those_that_rest_already_are_chosen() -> None:
    pods = [Pod(name=name, uid=name, ready=True) for name in ALL]
    hosts = {name: Host(name, 1, 1, rests=False) for name in ALL}

    assert [pod.name for pod in choose(pods, 2, hosts, {"c"})] == ["c", "a"]
    assert [pod.name for pod in choose([replace(pods[3], ready=False), *pods[:3]], 1, hosts, {"c"})] == ["d"]
