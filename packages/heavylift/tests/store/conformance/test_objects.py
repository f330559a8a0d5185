"""Objects that hold what is too large for a record: noted before they are made, and spare when no record will refer to them."""

from typing import Any

from heavylift.claim_check import ClaimCheck
from heavylift.outcome import Failed, Succeeded
from heavylift.record import Form
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import KeptObject, Limits

SHORT = 0.02  #: Seconds that stand here for the hours of the real thing.
DIGEST = "ab" * 32


def _check(name: str) -> ClaimCheck:
    return ClaimCheck(name, 2_000_000, DIGEST)


def _note(subject: Any, name: str, task_id: str) -> KeptObject:
    kept = KeptObject(name, task_id)
    subject.run(calls.NoteObject(kept, SHORT))
    return kept


def _look(subject: Any, count: int = 200) -> calls.SpareObjects:
    found: calls.SpareObjects = subject.run(calls.FindSpareObjects(count, SHORT, SHORT))
    return found


def _spare(subject: Any) -> tuple[KeptObject, ...]:
    subject.elapse(2 * SHORT)
    return _look(subject).objects


def test_an_object_for_which_no_task_came_is_spare_when_its_grace_is_over(subject: Any) -> None:
    late, early = KeptObject("2026-01-01/late.payload", "nobody's, with blanks"), KeptObject("early", "t")
    subject.run(calls.NoteObject(late, 0.0))
    subject.run(calls.NoteObject(early))

    assert _spare(subject) == (late,)


def test_what_was_told_to_one_is_told_to_no_other_for_a_while_and_never_again_once_forgotten(subject: Any) -> None:
    kept = _note(subject, "lost", "t")
    assert _spare(subject) == (kept,)

    assert _spare(subject) == (kept,)  # its turn was short
    subject.elapse(2 * SHORT)
    assert subject.run(calls.FindSpareObjects()).objects == (kept,)
    assert _spare(subject) == ()
    subject.run(calls.ForgetObjects((kept,)))
    assert _spare(subject) == ()


def test_the_payload_of_a_task_is_kept_as_long_as_its_record(subject: Any) -> None:
    subject.limit(Limits(retention=10 * SHORT))
    subject.register("w1")
    id_ = subject.submit(payload=_check("mine").text).id
    mine = _note(subject, "mine", id_)

    assert _spare(subject) == ()
    (delivery,) = subject.claim()
    assert (ClaimCheck.read(delivery.payload), _spare(subject)) == (_check("mine"), ())
    assert subject.succeed(delivery)
    assert _spare(subject) == ()
    subject.elapse(12 * SHORT)
    assert _spare(subject) == (mine,)


def test_a_result_is_kept_with_its_record_and_those_of_other_runs_are_spare_once_the_task_has_ended(subject: Any) -> None:
    delivery = subject.take()
    mine, stale = _note(subject, "mine", delivery.id), _note(subject, "mine-too", delivery.id)
    assert _spare(subject) == ()  # somebody may be about to commit either

    assert subject.end(delivery, Succeeded(_check(mine.name).text))

    assert _spare(subject) == (stale,)
    assert subject.record(delivery.id).result == _check("mine")


def test_a_dead_letter_keeps_its_payload_until_it_is_discarded_and_lives_again_with_it(subject: Any, broken: Any) -> None:
    subject.register("w1")
    id_ = subject.submit(payload=_check("mine").text).id
    mine = _note(subject, "mine", id_)
    (delivery,) = subject.claim()
    assert subject.end(delivery, Failed(broken))
    assert _spare(subject) == ()
    subject.run(calls.Replay((id_,)))
    assert (subject.state(id_), _spare(subject)) == (State.QUEUED, ())
    (delivery,) = subject.claim()
    assert ClaimCheck.read(delivery.payload) == _check("mine")
    assert subject.end(delivery, Failed(broken))

    subject.run(calls.Discard((id_,)))

    assert _spare(subject) == (mine,)


def test_the_payload_that_a_replay_took_the_place_of_is_kept_as_well(subject: Any, broken: Any) -> None:
    subject.register("w1")
    id_ = subject.submit(payload=_check("former").text).id
    _note(subject, "former", id_)
    (delivery,) = subject.claim()
    assert subject.end(delivery, Failed(broken))
    subject.run(calls.ReplayEdited(id_, "{}", Form.PAYLOAD))
    (delivery,) = subject.claim()

    assert subject.succeed(delivery)

    assert _spare(subject) == ()


def test_a_look_is_bounded_and_says_that_there_is_more(subject: Any) -> None:
    for number in range(3):
        _note(subject, f"lost-{number}", "t")
    subject.elapse(2 * SHORT)

    found = [subject.run(calls.FindSpareObjects(2)) for _ in range(2)]

    assert [(len(each.objects), each.more) for each in found] == [(2, True), (1, False)]
