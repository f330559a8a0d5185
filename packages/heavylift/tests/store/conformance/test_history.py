"""What became of the attempts that did not succeed."""

from typing import Any

from heavylift.history import Fate, PastAttempt
from heavylift.outcome import Cancelled, Failed, Failure, Retry
from heavylift.state import FailureReason, State
from heavylift.store import calls
from heavylift.store.calls import Limits

SOON = 0.04  # seconds
TORN = Failure("OSError", "it tore", retryable=True)
LATE = Failure("TaskTimeout", "too long", retryable=True)


def _history(subject: Any, id_: str) -> list[PastAttempt]:
    return list(subject.run(calls.ReadHistory(id_)))


def _fates(subject: Any, id_: str) -> list[tuple[Fate, int, int]]:
    return [(past.fate, past.attempt, past.run) for past in _history(subject, id_)]


def _retry(subject: Any, error: Failure = TORN) -> str:
    """Claim the only task that waits and let its attempt fail; it is due again at once."""
    (delivery,) = subject.claim()
    assert subject.end(delivery, Retry(0, error))
    subject.elapse(0.001)
    subject.run(calls.Promote())
    return str(delivery.id)


def test_a_task_that_succeeds_at_once_has_none(subject: Any) -> None:
    delivery = subject.take()
    subject.succeed(delivery)

    assert _history(subject, delivery.id) == []
    assert _history(subject, "nobody") == []


def test_each_attempt_that_failed_has_an_entry(subject: Any, broken: Failure) -> None:
    subject.register("w1")
    id_ = subject.submit(max_attempts=3).id
    _retry(subject)
    _retry(subject, LATE)
    (last,) = subject.claim()
    subject.end(last, Failed(broken))

    first, *_, newest = _history(subject, id_)

    assert _fates(subject, id_) == [(Fate.RETRIED, 1, 1), (Fate.TIMED_OUT, 2, 2), (Fate.FAILED, 3, 3)]
    assert (first.error_type, first.message, first.fingerprint, first.cause) == ("OSError", "it tore", TORN.fingerprint, None)
    assert newest == PastAttempt(
        attempt=3,
        run=3,
        fate=Fate.FAILED,
        worker="w1",
        queued_at=last.queued_at,
        started_at=last.started_at,
        ended_at=subject.record(id_).ended_at,
        error_type="ValueError",
        message="it broke",
        fingerprint=broken.fingerprint,
    )


def test_the_last_attempt_may_have_timed_out_too(subject: Any) -> None:
    delivery = subject.take()
    subject.end(delivery, Failed(LATE, FailureReason.TIMED_OUT))

    assert _fates(subject, delivery.id) == [(Fate.TIMED_OUT, 1, 1)]


def test_an_attempt_that_was_called_off_says_so_whatever_it_ended_with(subject: Any) -> None:
    for outcome in (Cancelled(), Failed(TORN), Retry(0, TORN)):
        delivery = subject.take()
        subject.run(calls.Cancel(delivery.id))
        subject.end(delivery, outcome)

        (past,) = _history(subject, delivery.id)
        assert subject.state(delivery.id) is State.CANCELLED
        assert past.fate is Fate.CANCELLED
        assert past.error_type == (None if isinstance(outcome, Cancelled) else "OSError")


def test_a_lost_worker_is_told_with_its_cause(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.hand_on("w1", cause="the child was killed by SIGSEGV")

    (past,) = _history(subject, delivery.id)

    assert (past.fate, past.worker, past.cause) == (Fate.WORKER_LOST, "w1", "the child was killed by SIGSEGV")
    assert (past.error_type, past.fingerprint) == ("WorkerLost", None)


def test_a_worker_that_stops_hands_back(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.hand_on("w1", blame=False, cause="the worker was stopped")

    (past,) = _history(subject, delivery.id)
    assert (past.fate, past.cause) == (Fate.HANDED_BACK, "the worker was stopped")


def test_what_was_only_in_hand_when_another_ran_was_no_attempt(subject: Any) -> None:
    subject.register("w1")
    subject.submit_many(2)
    ran, waited = subject.claim(2)
    subject.hand_on("w1", ran=ran.id)

    assert _fates(subject, ran.id) == [(Fate.WORKER_LOST, 1, 1)]
    assert _history(subject, waited.id) == []


def test_what_was_given_back_unstarted_was_no_attempt(subject: Any) -> None:
    delivery = subject.take()
    subject.release(delivery)

    assert _history(subject, delivery.id) == []


def test_of_very_many_the_first_and_the_newest_are_kept(subject: Any) -> None:
    subject.register("w1")
    id_ = subject.submit(max_attempts=1000).id
    for _ in range(60):
        _retry(subject)

    runs = [past.run for past in _history(subject, id_)]

    assert runs == [*range(1, 6), *range(16, 61)]


def test_it_lives_as_long_as_its_record(subject: Any) -> None:
    subject.limit(Limits(retention=SOON))
    subject.register("w1")
    id_ = subject.submit(max_attempts=3).id
    _retry(subject)
    subject.elapse(SOON)
    assert len(_history(subject, id_)) == 1  # a task that lives keeps it

    (delivery,) = subject.claim()
    subject.succeed(delivery)
    assert len(_history(subject, id_)) == 1
    subject.elapse(SOON)

    assert _history(subject, id_) == []


def test_a_long_message_is_cut(subject: Any) -> None:
    delivery = subject.take()
    subject.end(delivery, Failed(Failure("ValueError", "é" * 1000, retryable=False)))

    (past,) = _history(subject, delivery.id)
    assert past.message == "é" * 300


def test_any_name_of_a_worker_and_any_message_can_be_told(subject: Any) -> None:
    odd = 'w"1\\ é\n\udcff'.encode(errors="replace").decode()
    delivery = subject.take(odd)
    subject.end(delivery, Failed(Failure('V"\\', '}{"', retryable=False)))

    (past,) = _history(subject, delivery.id)
    assert (past.worker, past.error_type, past.message) == (odd, 'V"\\', '}{"')
