"""Workers that are told to take nothing more, so that they can leave without giving anything back."""

from typing import Any

import pytest

from heavylift.errors import WorkerRests
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Host

POD = "celery@pod-1"
CHILD, OTHER = f"{POD}/aaaa/0.1", f"{POD}/aaaa/1.1"


def _hosts(subject: Any) -> dict[str, Host]:
    return {host.name: host for host in subject.run(calls.ReadHosts())}


def test_hosts_are_told_with_what_their_consumers_have_in_hand(subject: Any) -> None:
    for consumer in (CHILD, OTHER, "w9"):
        subject.register(consumer)
    subject.submit_many(3)
    subject.claim(2, by=CHILD)
    subject.claim(1, by=OTHER)

    assert _hosts(subject) == {"pod-1": Host("pod-1", 2, 3, rests=False), "w9": Host("w9", 1, 0, rests=False)}


def test_who_rests_is_refused_and_keeps_what_it_has(subject: Any) -> None:
    subject.register(CHILD)
    subject.register("w2")
    subject.submit_many(2)
    (running,) = subject.claim(by=CHILD)

    subject.run(calls.Rest(("pod-1",), 60.0))

    with pytest.raises(WorkerRests):
        subject.claim(by=CHILD)
    assert len(subject.claim(by="w2")) == 1
    assert subject.run(calls.Renew((CHILD,), 60.0)).lost == ()
    assert _hosts(subject)["pod-1"] == Host("pod-1", 1, 1, rests=True)
    assert subject.succeed(running)
    assert _hosts(subject)["pod-1"] == Host("pod-1", 1, 0, rests=True)


@pytest.mark.parametrize("own", [True, False])
def test_what_a_wait_has_taken_for_one_that_rests_goes_to_another(subject: Any, own: bool) -> None:
    subject.register(CHILD)
    subject.register("w2")
    id_ = subject.submit().id
    waiting = subject.wait(CHILD)
    subject.run(calls.Rest(("pod-1",), 60.0))
    assert _hosts(subject)["pod-1"].in_hand == 1

    with pytest.raises(WorkerRests):
        subject.claim(by=CHILD, waiting=() if own else waiting, own=own)

    assert _hosts(subject)["pod-1"].in_hand == 0
    (delivery,) = subject.claim(by="w2")
    assert (delivery.id, delivery.fence, subject.state(id_)) == (id_, 1, State.RUNNING)


def test_children_that_come_later_rest_as_well(subject: Any) -> None:
    subject.run(calls.Rest(("pod-1",), 60.0))

    subject.register(CHILD)

    subject.submit()
    with pytest.raises(WorkerRests):
        subject.claim(by=CHILD)


def test_an_order_that_is_taken_back_counts_no_longer(subject: Any) -> None:
    subject.register(CHILD)
    subject.submit()
    subject.run(calls.Rest(("pod-1", "pod-2"), 60.0))

    subject.run(calls.Rest(("pod-1",), 0.0))

    assert len(subject.claim(by=CHILD)) == 1
    assert not _hosts(subject)["pod-1"].rests


def test_an_order_that_nobody_repeats_is_over_with_its_time(subject: Any) -> None:
    subject.register(CHILD)
    subject.submit()
    subject.run(calls.Rest(("pod-1",), 0.05))
    subject.run(calls.Renew((CHILD,), 60.0))
    with pytest.raises(WorkerRests):
        subject.claim(by=CHILD)

    subject.elapse(0.06)
    subject.run(calls.Renew((CHILD,), 60.0))

    assert len(subject.claim(by=CHILD)) == 1
