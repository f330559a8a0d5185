"""Whose a task is: what one tenant does, another neither sees nor touches."""

from typing import Any

import pytest

from heavylift.outcome import Failed, Failure
from heavylift.record import Standing, Submission, new_task_id
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import DeadFilter, Limits

OTHERS = ("other", "")


def _listed(subject: Any, **filters: Any) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = subject.run(calls.List(cursor=cursor, **filters))
        found += [record.id for record in page.records]
        cursor = page.cursor
        if cursor is None:
            return found


def _dead(subject: Any, broken: Failure, **fields: Any) -> str:
    delivery = subject.take(**fields)
    assert subject.end(delivery, Failed(broken))
    return str(delivery.id)


@pytest.fixture
def task(subject: Any) -> str:
    """A task of a tenant."""
    return str(subject.submit(tenant="acme").id)


def test_a_task_is_read_by_its_tenant_and_by_who_reaches_all(subject: Any, task: str) -> None:
    for reach in ("acme", None):
        assert subject.run(calls.Read(task, reach=reach)).tenant == "acme"
        assert subject.run(calls.Follow(task, reach=reach)) is not None
        assert subject.run(calls.LookAhead(task, reach)) is not None
    for reach in OTHERS:
        assert subject.run(calls.Read(task, reach=reach)) is None
        assert subject.run(calls.Follow(task, reach=reach)) is None
        assert subject.run(calls.LookAhead(task, reach)) is None


def test_a_task_of_another_tenant_is_not_called_off(subject: Any, task: str) -> None:
    for reach in OTHERS:
        assert subject.run(calls.Cancel(task, reach)) is None
    assert subject.state(task) is State.QUEUED

    assert subject.run(calls.Cancel(task, "acme")).changed


def test_an_id_that_another_tenant_has_is_taken_and_tells_nothing(subject: Any, task: str) -> None:
    (answer,) = subject.run(calls.Submit((Submission(kind="demo.work", payload="{}", id=task, tenant="other"),)))
    assert answer.standing is Standing.TAKEN

    (again,) = subject.run(calls.Submit((Submission(kind="demo.work", payload="{}", id=task, tenant="acme"),)))
    assert again.standing is Standing.KNOWN


def test_each_lists_its_own_whatever_else_is_asked_for(subject: Any) -> None:
    mine = [subject.submit(tenant="acme", tags=("a",)).id for _ in range(3)]
    other = [subject.submit(tenant="other", tags=("a",)).id for _ in range(2)]
    nobodys = [subject.submit(tags=("a",)).id]

    for more in ({}, {"state": State.QUEUED}, {"kind": "demo.work"}, {"queue": "default"}, {"tag": "a"}):
        assert _listed(subject, tenant="acme", **more) == mine[::-1], more
        assert _listed(subject, tenant="other", **more) == other[::-1], more
        assert _listed(subject, tenant="", **more) == nobodys, more
        assert _listed(subject, **more) == [*nobodys, *other[::-1], *mine[::-1]], more


def test_what_others_submit_pushes_nothing_out_of_a_tenants_list(subject: Any) -> None:
    subject.limit(Limits(index_limit=10))
    mine = [subject.submit(tenant="acme").id for _ in range(5)]
    subject.submit_many(200, tenant="other")
    for id_ in mine:
        subject.run(calls.Cancel(id_))

    assert _listed(subject, tenant="acme") == mine[::-1]
    assert _listed(subject, tenant="acme", kind="demo.work") == mine[::-1]
    assert _listed(subject, tenant="acme", state=State.CANCELLED) == mine[::-1]


def test_each_looks_through_its_own_dead_letters(subject: Any, broken: Failure) -> None:
    mine, other, nobodys = (_dead(subject, broken, tenant=tenant) for tenant in ("acme", "other", ""))

    for tenant, id_ in (("acme", mine), ("other", other), ("", nobodys)):
        wanted = DeadFilter(tenant=tenant)
        assert [record.id for record in subject.run(calls.DeadLetters(wanted)).records] == [id_]
        assert subject.run(calls.FindDead(wanted)).ids == (id_,)
        (group,) = subject.run(calls.DeadGroups(wanted)).groups
        assert (group.tenant, group.count, group.last_id) == (tenant, 1, id_)
    assert len(subject.run(calls.DeadLetters()).records) == 3
    assert len(subject.run(calls.DeadGroups()).groups) == 3, "a fault of two tenants is two groups"


def test_a_dead_letter_of_another_tenant_is_neither_replayed_nor_discarded(subject: Any, broken: Failure) -> None:
    id_ = _dead(subject, broken, tenant="acme")

    for reach in OTHERS:
        assert subject.run(calls.Replay((id_,), reach=reach)).tasks == (None,)
        assert subject.run(calls.Discard((id_,), reach)) == (None,)
    assert subject.state(id_) is State.FAILED
    assert subject.run(calls.Replay((id_,), reach="acme")).tasks[0].changed
    assert _listed(subject, tenant="acme") == [id_]


def test_a_dead_letter_that_is_discarded_leaves_its_tenants_list(subject: Any, broken: Failure) -> None:
    id_ = _dead(subject, broken, tenant="acme")

    assert subject.run(calls.Discard((id_,), "acme"))[0].changed

    assert _listed(subject, tenant="acme") == []
    assert subject.run(calls.DeadGroups()).groups == ()


def test_a_task_that_kills_its_workers_stays_its_tenants(subject: Any) -> None:
    id_ = subject.submit(tenant="acme").id
    for _ in range(3):
        subject.register("w1")
        assert [delivery.id for delivery in subject.claim()] == [id_]
        subject.hand_on("w1", ran=id_)

    (group,) = subject.run(calls.DeadGroups(DeadFilter(tenant="acme"))).groups
    assert (group.last_id, group.reason) == (id_, "quarantined")


def test_a_batch_is_read_by_its_tenant(subject: Any) -> None:
    batch = subject.run(calls.OpenBatch(new_task_id(), 1, tenant="acme")).id

    assert subject.run(calls.ReadBatch(batch, reach="acme")).tenant == "acme"
    assert subject.run(calls.ReadBatch(batch)) is not None
    for reach in OTHERS:
        assert subject.run(calls.ReadBatch(batch, reach=reach)) is None
