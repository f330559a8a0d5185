"""What operators do is written down before it is done and when it has ended, and read again, the newest first."""

from collections.abc import Callable
from typing import Any

import pytest

from heavylift.audit import Action, Actor, AuditEntry, Deed, Door, Outcome
from heavylift.store import calls
from heavylift.store.calls import AuditPage, Limits

ADA = Actor(Door.HTTP, "ada's laptop", "a1", "acme")
BOB = Actor(Door.TERMINAL, "bob@jump-host")

Begin = Callable[..., str]


@pytest.fixture
def begin(subject: Any) -> Begin:
    """Begins a deed; its id."""

    def begun(actor: Actor = ADA, action: Action = Action.CANCEL_TASK, target: str = "t1", **more: Any) -> str:
        return str(subject.run(calls.BeginDeed(Deed(actor, action, target, **more))))

    return begun


def _read(subject: Any, **asked: Any) -> list[AuditEntry]:
    page: AuditPage = subject.run(calls.ReadAudit(**asked))
    assert page.cursor is None
    return list(page.entries)


def test_a_deed_is_kept_as_it_was_meant_before_it_has_an_outcome(subject: Any, begin: Begin) -> None:
    before = subject.now()
    id_ = begin(request="r1", details={"rate": 2.5, "größe": [1, None]})

    (entry,) = _read(subject)

    assert before <= entry.at <= subject.now()
    assert entry == AuditEntry(
        id_, entry.at, ADA, "task.cancel", "t1", "r1", {"rate": 2.5, "größe": [1, None]}, outcome=None, ended_at=None
    )


@pytest.mark.parametrize("outcome", [Outcome(), Outcome(changed=0), Outcome("task-not-found"), Outcome("words with spaces", 7)])
def test_what_came_of_a_deed_stands_with_it_and_is_not_written_over(subject: Any, begin: Begin, outcome: Outcome) -> None:
    id_ = begin()
    subject.elapse(0.005)

    assert subject.run(calls.EndDeed(id_, outcome))
    assert not subject.run(calls.EndDeed(id_, Outcome("another")))

    (entry,) = _read(subject)
    assert (entry.id, entry.outcome) == (id_, outcome)
    assert entry.ended_at is not None
    assert entry.ended_at > entry.at


def test_nothing_ends_that_was_not_begun(subject: Any) -> None:
    assert not subject.run(calls.EndDeed("1-1", Outcome()))
    assert _read(subject) == []


def test_a_deed_keeps_its_place_when_it_ends(subject: Any, begin: Begin) -> None:
    ids = [begin(target=str(n)) for n in range(3)]
    subject.run(calls.EndDeed(ids[0], Outcome()))

    assert [entry.id for entry in _read(subject)] == ids[::-1]


@pytest.mark.parametrize(
    ("asked", "targets"),
    [
        ({}, ["4", "3", "2", "1"]),
        ({"reach": "acme"}, ["3", "2", "1"]),
        ({"reach": ""}, ["4"]),
        ({"reach": "other"}, []),
        ({"action": "key.revoke"}, ["4", "3"]),
        ({"action": "key.revoke", "reach": "acme"}, ["3"]),
        ({"key": "a1"}, ["3", "2", "1"]),
        ({"key": ""}, ["4"]),
        ({"target": "2"}, ["2"]),
        ({"target": "2", "action": "key.revoke"}, []),
    ],
)
def test_a_filter_finds_what_fits_all_of_it(subject: Any, begin: Begin, asked: dict[str, Any], targets: list[str]) -> None:
    begin(target="1")
    begin(target="2", action=Action.REPLAY_TASK)
    begin(target="3", action=Action.REVOKE_KEY)
    begin(BOB, target="4", action=Action.REVOKE_KEY)

    assert [entry.target for entry in _read(subject, **asked)] == targets


def test_pages_lead_through_all_of_it(subject: Any, begin: Begin) -> None:
    for n in range(7):
        begin(target=str(n), action=Action.CANCEL_TASK if n % 2 else Action.REPLAY_TASK)

    found: list[str] = []
    page = subject.run(calls.ReadAudit(count=2, action="task.replay"))
    while True:
        found += [entry.target for entry in page.entries]
        if page.cursor is None:
            break
        begin(target="came later")
        page = subject.run(calls.ReadAudit(count=2, action="task.replay", cursor=page.cursor))

    assert found == ["6", "4", "2", "0"]


def test_only_so_many_are_looked_at_in_one_call(subject: Any, begin: Begin) -> None:
    budget = calls.ReadAudit.BUDGET
    begin(target="the oldest")
    subject.run_all([calls.BeginDeed(Deed(BOB, Action.CANCEL_TASK, "t")) for _ in range(budget)])

    page = subject.run(calls.ReadAudit(target="the oldest"))
    assert page.entries == ()
    following = subject.run(calls.ReadAudit(target="the oldest", cursor=page.cursor))

    assert [entry.target for entry in following.entries] == ["the oldest"]


def test_the_oldest_make_room_with_what_came_of_them(subject: Any, begin: Begin) -> None:
    subject.limit(Limits(audit_length=3))
    ids = [begin(target=str(n)) for n in range(3)]
    for id_ in ids:
        subject.run(calls.EndDeed(id_, Outcome()))
    begin(target="3")

    assert [entry.target for entry in _read(subject)] == ["3", "2", "1"]
    assert not subject.run(calls.EndDeed(ids[0], Outcome()))


def test_a_lower_limit_is_kept_to_after_a_few_more(subject: Any, begin: Begin) -> None:
    subject.run_all([calls.BeginDeed(Deed(BOB, Action.CANCEL_TASK, str(n))) for n in range(150)])
    subject.limit(Limits(audit_length=10))

    begin(target="one more")
    assert len(_read(subject, count=200)) == 51
    begin(target="two more")

    assert [entry.target for entry in _read(subject, count=200)][:3] == ["two more", "one more", "149"]
    assert len(_read(subject, count=200)) == 10
