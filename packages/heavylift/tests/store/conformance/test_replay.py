"""Dead letters get a second life, or go for good."""

from datetime import timedelta
from typing import Any

from heavylift.history import Fate
from heavylift.outcome import Failed, Failure, Retry
from heavylift.record import Form, Priority
from heavylift.state import FailureReason, State
from heavylift.store import calls
from heavylift.store.calls import Memo, Moved

TORN = Failure("OSError", "it tore", retryable=True)


def die(subject: Any, *, error: Failure = TORN, **fields: Any) -> str:
    """Let one task fail."""
    delivery = subject.take(**fields)
    subject.end(delivery, Failed(error))
    return str(delivery.id)


def replay(subject: Any, *ids: str, **more: Any) -> tuple[Moved | None, ...]:
    tasks: tuple[Moved | None, ...] = subject.run(calls.Replay(ids, **more)).tasks
    return tasks


def test_a_replayed_task_begins_anew_under_its_id(subject: Any) -> None:
    subject.register("w1")
    id_ = subject.submit(max_attempts=2, tags=("a",), priority=Priority.HIGH).id
    (first,) = subject.claim()
    subject.end(first, Retry(0, TORN))
    subject.elapse(0.001)
    subject.run(calls.Promote())
    (second,) = subject.claim()
    subject.end(second, Failed(TORN))
    before = subject.record(id_)

    assert replay(subject, id_) == (Moved(State.QUEUED, changed=True),)

    record = subject.record(id_)
    assert (record.state, record.attempt, record.max_attempts, record.fence) == (State.QUEUED, 1, 2, 2)
    assert (record.reason, record.fingerprint, record.worker) == (None, None, None)
    assert (record.started_at, record.ended_at, record.due_at) == (None, None, None)
    assert (record.payload, record.tags, record.priority, record.seq) == (before.payload, ("a",), Priority.HIGH, before.seq)
    (third,) = subject.claim()
    assert (third.id, third.fence, third.attempt, third.payload) == (id_, 3, 1, first.payload)


def test_what_succeeds_in_its_second_life_has_no_error_and_keeps_its_history(subject: Any) -> None:
    id_ = die(subject)
    replay(subject, id_)
    assert subject.record(id_).error["message"] == "it tore"  # until it has succeeded, this is what is known
    (delivery,) = subject.claim()
    subject.succeed(delivery)

    record = subject.record(id_)
    assert (record.state, record.result, record.error) == (State.SUCCEEDED, "done", None)
    history = subject.run(calls.ReadHistory(id_))
    assert [(past.fate, past.run) for past in history] == [(Fate.FAILED, 1), (Fate.REPLAYED, 1)]
    assert (history[1].worker, history[1].started_at, history[1].message) == (None, None, None)


def test_a_second_life_may_end_as_the_first(subject: Any) -> None:
    id_ = die(subject)
    replay(subject, id_)
    (delivery,) = subject.claim()
    subject.end(delivery, Failed(TORN, FailureReason.PERMANENT))

    (record,) = subject.run(calls.DeadLetters()).records
    assert (record.id, record.reason) == (id_, FailureReason.PERMANENT)
    assert [group.count for group in subject.run(calls.DeadGroups()).groups] == [1]


def test_a_replayed_task_is_no_dead_letter(subject: Any) -> None:
    id_ = die(subject)
    replay(subject, id_)

    assert subject.run(calls.DeadLetters()).records == ()
    assert subject.run(calls.DeadGroups()).groups == ()
    assert subject.run(calls.Statistics()).dead == ()
    assert [r.id for r in subject.run(calls.List(state=State.QUEUED)).records] == [id_]
    assert subject.run(calls.List(state=State.FAILED)).records == ()


def test_deaths_and_doubts_are_forgotten(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.hand_on("w1", max_deaths=2)
    subject.register("w1")
    subject.claim()
    subject.hand_on("w1", max_deaths=2)
    assert (subject.state(delivery.id), subject.record(delivery.id).deaths) == (State.FAILED, 2)

    replay(subject, delivery.id)
    subject.register("w1")
    (again,) = subject.claim()

    assert (again.id, again.deaths) == (delivery.id, 0)
    subject.hand_on("w1", max_deaths=2)
    assert subject.state(delivery.id) is State.QUEUED


def test_a_suspect_is_one_no_more(subject: Any) -> None:
    subject.register("w1")
    suspect, other = subject.submit_many(2)
    for _ in range(2):  # deaths of which nobody knows whose fault they were
        subject.register("w1")
        subject.claim(2)
        subject.hand_on("w1", ran="")
    subject.register("w1")
    (alone,) = subject.claim(2)
    subject.end(alone, Failed(TORN))

    replay(subject, alone.id)
    subject.submit_many(1)

    assert {suspect, other} >= {alone.id}
    (still_suspect,) = subject.claim(5)  # the other one
    assert still_suspect.id != alone.id
    assert len(subject.claim(5)) == 2


def test_a_request_to_cancel_the_first_life_does_not_end_the_second(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.end(delivery, Failed(TORN))
    assert subject.run(calls.Cancel(delivery.id)).state is State.FAILED
    replay(subject, delivery.id)
    (again,) = subject.claim()

    assert not subject.record(delivery.id).cancel_requested
    assert subject.end(again, Retry(60, TORN))
    assert subject.state(delivery.id) is State.SCHEDULED


def test_a_worker_of_the_first_life_cannot_end_the_second(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.end(delivery, Failed(TORN))
    replay(subject, delivery.id)

    assert not subject.succeed(delivery)
    subject.claim()
    assert not subject.succeed(delivery)
    assert subject.state(delivery.id) is State.RUNNING


def test_it_goes_on_where_its_first_life_left_it(subject: Any) -> None:
    delivery = subject.take("w1")
    memos = (
        calls.Memo.checkpoint(delivery.id, delivery.fence, '{"row": 7}'),
        calls.Memo.effect(delivery.id, delivery.fence, "mail", "1"),
        calls.Memo.progress(delivery.id, delivery.fence, {"done": 7}),
    )
    subject.run(calls.Remember(memos))
    subject.end(delivery, Failed(TORN))
    replay(subject, delivery.id)
    (again,) = subject.claim()

    assert again.checkpoint == '{"row": 7}'
    assert subject.run(calls.Recall(again.id, again.fence, "mail")).text == "1"
    assert subject.record(again.id).progress is None


def test_replaying_twice_does_no_harm_and_says_so(subject: Any) -> None:
    id_ = die(subject)

    assert replay(subject, id_, id_) == (Moved(State.QUEUED, changed=True), Moved(State.QUEUED, changed=False))
    assert replay(subject, id_) == (Moved(State.QUEUED, changed=False),)
    assert len(subject.claim(10)) == 1
    assert [past.fate for past in subject.run(calls.ReadHistory(id_))] == [Fate.FAILED, Fate.REPLAYED]


def test_only_what_failed_is_replayed_and_discarded(subject: Any) -> None:
    succeeded = subject.take("w1")
    subject.succeed(succeeded)
    cancelled = subject.submit().id
    subject.run(calls.Cancel(cancelled))
    scheduled = subject.submit(delay=60).id
    ids = (succeeded.id, cancelled, scheduled, "nobody")
    states = [State.SUCCEEDED, State.CANCELLED, State.SCHEDULED]

    untouched = (*(Moved(state, changed=False) for state in states), None)
    assert replay(subject, *ids) == untouched
    assert subject.run(calls.Discard(ids)) == untouched
    assert [subject.state(id_) for id_ in ids[:3]] == states


def test_at_a_rate_they_are_due_one_after_the_other(subject: Any) -> None:
    ids = [die(subject) for _ in range(3)]
    succeeded = subject.take("w1")
    subject.succeed(succeeded)

    replayed = subject.run(calls.Replay((ids[0], succeeded.id, *ids[1:]), apart=30.0))

    assert [reply.state for reply in replayed.tasks] == [State.QUEUED, State.SUCCEEDED, State.SCHEDULED, State.SCHEDULED]
    second, third = (subject.record(id_).due_at for id_ in ids[1:])
    assert third - second == replayed.next_due - third == timedelta(seconds=30)
    assert timedelta(seconds=25) < second - subject.now() <= timedelta(seconds=30)


def test_the_first_may_be_due_later(subject: Any) -> None:
    id_ = die(subject)
    due = subject.now() + timedelta(seconds=0.4)

    assert replay(subject, id_, first_due=due) == (Moved(State.SCHEDULED, changed=True),)

    assert subject.record(id_).due_at == due
    assert subject.run(calls.Promote()).promoted == ()
    subject.elapse(0.4)
    assert subject.run(calls.Promote()).promoted == (id_,)
    assert [delivery.id for delivery in subject.claim()] == [id_]


def test_a_rate_of_thousands_a_second_is_kept_over_several_calls(subject: Any) -> None:
    subject.register("w1")
    subject.submit_many(200)
    subject.run(calls.Complete(tuple(calls.Ended(d.id, d.fence, Failed(TORN)) for d in subject.claim(200))))
    ids = subject.run(calls.FindDead()).ids
    begin = subject.now() + timedelta(seconds=1)

    half = subject.run(calls.Replay(ids[:100], begin, 1 / 4000))
    whole = subject.run(calls.Replay(ids[100:], half.next_due, 1 / 4000))

    assert half.next_due - begin == timedelta(milliseconds=25)
    assert whole.next_due - begin == timedelta(milliseconds=50)


def test_the_end_of_the_second_life_is_counted_beside_the_first(subject: Any) -> None:
    id_ = die(subject)
    replay(subject, id_)
    (delivery,) = subject.claim()
    subject.succeed(delivery)

    counts = subject.counts()
    assert (counts.submitted, counts.failed, counts.replayed, counts.succeeded) == (1, 1, 1, 1)
    assert counts.submitted + counts.replayed == counts.failed + counts.succeeded


def test_a_replayed_task_is_kept_until_it_ends_again_and_then_for_its_time(subject: Any) -> None:
    id_ = die(subject)
    replay(subject, id_)
    subject.limit(calls.Limits(retention=0.02, dead_retention=0.01))
    subject.elapse(0.03)
    subject.run(calls.Sweep())
    assert subject.state(id_) is State.QUEUED

    (delivery,) = subject.claim()
    subject.succeed(delivery)
    subject.elapse(0.02)
    assert subject.run(calls.Read(id_)) is None
    assert subject.run(calls.ReadHistory(id_)) == ()


def test_what_is_discarded_is_gone_with_all_that_is_known_of_it(subject: Any) -> None:
    id_, other = die(subject), die(subject)

    assert subject.run(calls.Discard((id_, id_))) == (Moved(State.FAILED, changed=True), None)

    assert subject.run(calls.Read(id_)) is None
    assert subject.run(calls.ReadHistory(id_)) == ()
    assert [record.id for record in subject.run(calls.DeadLetters()).records] == [other]
    assert [record.id for record in subject.run(calls.List()).records] == [other]
    assert [record.id for record in subject.run(calls.List(state=State.FAILED)).records] == [other]
    assert (subject.counts().discarded, subject.counts().failed) == (1, 2)


def test_a_task_that_is_replayed_with_another_payload_works_on_that_and_the_one_before_is_kept(subject: Any) -> None:
    id_ = die(subject, payload='{"n": 1}', form=Form.CALL)

    assert subject.run(calls.ReplayEdited(id_, '{"n":  2}', Form.PAYLOAD)) == Moved(State.QUEUED, changed=True)

    (second,) = subject.claim()
    assert (second.id, second.attempt, second.fence, second.payload, second.form) == (id_, 1, 2, '{"n":  2}', Form.PAYLOAD)
    subject.end(second, Failed(TORN))
    subject.run(calls.ReplayEdited(id_, '{"n": 3}', Form.PAYLOAD))
    assert subject.record(id_).payload == '{"n": 3}'
    assert subject.run(calls.FormerPayloads(id_, (1, 2, 3))) == ('{"n": 1}', '{"n":  2}', None)
    history = [(past.fate, past.run, past.edited) for past in subject.run(calls.ReadHistory(id_))]
    replays = [(Fate.REPLAYED, run, True) for run in (1, 2)]
    assert history == [(Fate.FAILED, 1, False), replays[0], (Fate.FAILED, 2, False), replays[1]]


def test_with_another_payload_a_checkpoint_is_forgotten_and_an_effect_is_not(subject: Any) -> None:
    delivery = subject.take()
    of = (delivery.id, delivery.fence)
    subject.run(calls.Remember((Memo.checkpoint(*of, '{"row": 7}'), Memo.effect(*of, "charge", '"paid"'))))
    subject.end(delivery, Failed(TORN))

    subject.run(calls.ReplayEdited(delivery.id, "{}", Form.PAYLOAD))

    (second,) = subject.claim()
    assert second.checkpoint is None
    assert subject.run(calls.Recall(second.id, second.fence, "charge")).text == '"paid"'


def test_what_is_no_dead_letter_keeps_its_payload(subject: Any) -> None:
    id_ = subject.submit(payload="[1]", tenant="acme").id

    assert subject.run(calls.ReplayEdited(id_, "[2]", Form.PAYLOAD)) == Moved(State.QUEUED, changed=False)
    assert subject.run(calls.ReplayEdited("nobody", "[2]", Form.PAYLOAD)) is None
    assert subject.run(calls.ReplayEdited(id_, "[2]", Form.PAYLOAD, reach="other")) is None

    assert subject.record(id_).payload == "[1]"
    assert subject.run(calls.FormerPayloads(id_, (0, 1))) == (None, None)
