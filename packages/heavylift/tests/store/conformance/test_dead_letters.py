"""Every task that failed is found, and with others of its kind."""

from datetime import timedelta
from typing import Any

import pytest

from heavylift.fingerprint import fingerprint_of_loss
from heavylift.outcome import Failed, Failure
from heavylift.state import FailureReason, State
from heavylift.store import calls
from heavylift.store.calls import DeadFilter, Limits

TORN = Failure("OSError", "it tore", retryable=True)


def die(subject: Any, *, error: Failure = TORN, reason: FailureReason = FailureReason.EXHAUSTED, **fields: Any) -> str:
    """Let one task fail; the next dies at another moment."""
    queue = fields.setdefault("queue", "default")
    subject.register("w1", queue)
    id_ = subject.submit(**fields).id
    (delivery,) = subject.claim(queues=(queue,))
    assert subject.end(delivery, Failed(error, reason))
    subject.elapse(0.001)
    return str(id_)


def dead(subject: Any, count: int = 50, **wanted: Any) -> list[str]:
    """The ids of all dead letters that fit, page by page."""
    ids, cursor = [], None
    while True:
        page = subject.run(calls.DeadLetters(DeadFilter(**wanted), count, cursor))
        ids += [record.id for record in page.records]
        cursor = page.cursor
        if cursor is None:
            return ids


def test_a_task_that_failed_is_a_dead_letter_and_says_why(subject: Any) -> None:
    id_ = die(subject, reason=FailureReason.PERMANENT)

    (record,) = subject.run(calls.DeadLetters()).records

    assert record == subject.record(id_)
    assert (record.state, record.reason, record.fingerprint) == (State.FAILED, FailureReason.PERMANENT, TORN.fingerprint)


def test_no_other_end_is_a_dead_letter(subject: Any) -> None:
    succeeded, cancelled = subject.take(), subject.submit().id
    subject.succeed(succeeded)
    subject.run(calls.Cancel(cancelled))

    assert dead(subject) == []
    assert subject.record(succeeded.id).reason is None


def test_a_task_that_killed_its_workers_is_quarantined_under_the_cause(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.hand_on("w1", max_deaths=1, cause="the child exited with code 3")

    (record,) = subject.run(calls.DeadLetters()).records
    assert (record.id, record.reason) == (delivery.id, FailureReason.QUARANTINED)
    assert record.fingerprint == fingerprint_of_loss("WorkerLost", "the child exited with code 9")


def test_what_is_reaped_can_be_quarantined_too(subject: Any) -> None:
    subject.register("w1", lease=0.01)
    id_ = subject.submit().id
    subject.claim()
    subject.elapse(0.01)
    subject.run(calls.Reap(max_deaths=1))

    assert dead(subject, reason=FailureReason.QUARANTINED) == [id_]


def test_they_are_listed_by_their_deaths_whatever_the_indexes_hold(subject: Any) -> None:
    subject.limit(Limits(index_limit=0))
    subject.register("w1")
    first, second, third = subject.submit_many(3)
    deliveries = {delivery.id: delivery for delivery in subject.claim(3)}
    for id_ in (second, third, first):
        subject.end(deliveries[id_], Failed(TORN))

    assert dead(subject) == [first, third, second]


def test_those_that_died_in_one_call_are_told_apart(subject: Any) -> None:
    subject.register("w1")
    subject.submit_many(64)
    ended = tuple(calls.Ended(d.id, d.fence, Failed(TORN)) for d in subject.claim(64))
    subject.run(calls.Complete(ended))

    assert dead(subject, count=5) == [task.id for task in reversed(ended)]


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "demo.this"},
        {"queue": "this"},
        {"reason": FailureReason.PERMANENT},
        {"fingerprint": "0123456789abcdef"},
        {"kind": "demo.this", "queue": "this", "reason": FailureReason.PERMANENT, "fingerprint": "0123456789abcdef"},
    ],
    ids=lambda wanted: " and ".join(wanted),
)
def test_each_filter_selects(subject: Any, wanted: dict[str, Any]) -> None:
    other = die(subject)
    error = Failure("ValueError", "no", retryable=False, fingerprint="0123456789abcdef")
    this = [die(subject, kind="demo.this", queue="this", error=error, reason=FailureReason.PERMANENT) for _ in range(2)]

    assert dead(subject, **wanted) == this[::-1]
    assert subject.run(calls.FindDead(DeadFilter(**wanted))).ids == tuple(this)
    assert [group.count for group in subject.run(calls.DeadGroups(DeadFilter(**wanted))).groups] == [2]
    assert dead(subject) == [*this[::-1], other]


def test_a_filter_that_fits_nothing_finds_nothing(subject: Any) -> None:
    die(subject)

    assert dead(subject, kind="demo.nobody") == dead(subject, queue="nobody") == []
    assert subject.run(calls.FindDead(DeadFilter(kind="demo.nobody"))).ids == ()
    assert subject.run(calls.DeadGroups(DeadFilter(kind="demo.nobody"))) == calls.DeadGroupsReply((), more=False)


def test_a_span_of_time_selects(subject: Any) -> None:
    die(subject)
    subject.elapse(0.01)
    since = subject.now()
    id_ = die(subject)
    until = subject.now()
    subject.elapse(0.01)
    die(subject)

    assert dead(subject, since=since, until=until) == [id_]
    assert subject.run(calls.FindDead(DeadFilter(since=since, until=until))).ids == (id_,)
    (group,) = subject.run(calls.DeadGroups(DeadFilter(since=since, until=until))).groups
    assert (group.count, group.last_id, group.first_died_at) == (1, id_, group.last_died_at)
    assert dead(subject, since=until + timedelta(hours=1)) == []


def test_paging_shows_each_once_while_others_die(subject: Any) -> None:
    ids = [die(subject, kind="demo.wanted" if n % 3 else "demo.other") for n in range(30)]
    wanted = [id_ for n, id_ in enumerate(ids) if n % 3]
    seen, cursor = [], None

    for _ in range(50):
        page = subject.run(calls.DeadLetters(DeadFilter(queue="default", kind="demo.wanted"), 4, cursor))
        seen += [record.id for record in page.records]
        die(subject, kind="demo.wanted")
        cursor = page.cursor
        if cursor is None:
            break

    assert seen == wanted[::-1]


def test_finding_goes_on_from_the_earliest_and_stops_at_the_horizon(subject: Any) -> None:
    ids = [die(subject) for _ in range(5)]
    first = subject.run(calls.FindDead(count=2))
    died_since = die(subject)

    second = subject.run(calls.FindDead(count=10, cursor=first.cursor, horizon=first.latest))

    assert [*first.ids, *second.ids] == ids
    assert second.cursor is None
    assert subject.run(calls.FindDead(count=10)).ids == (*ids, died_since)


def test_nothing_dead_is_nothing_found(subject: Any) -> None:
    assert subject.run(calls.FindDead()) == calls.Found((), None, 0)
    assert subject.run(calls.DeadLetters()) == calls.Page((), None)
    assert subject.run(calls.DeadGroups()) == calls.DeadGroupsReply((), more=False)


def test_what_fails_most_comes_first(subject: Any) -> None:
    rare = die(subject, kind="demo.rare")
    often = [die(subject, kind="demo.often", error=Failure("OSError", f"try {n}", retryable=True)) for n in range(3)]
    twice = [die(subject, kind="demo.often", reason=FailureReason.TIMED_OUT) for _ in range(2)]

    reply = subject.run(calls.DeadGroups())

    assert [(group.kind, group.reason, group.count) for group in reply.groups] == [
        ("demo.often", FailureReason.EXHAUSTED, 3),
        ("demo.often", FailureReason.TIMED_OUT, 2),
        ("demo.rare", FailureReason.EXHAUSTED, 1),
    ]
    assert [group.last_id for group in reply.groups] == [often[-1], twice[-1], rare]
    largest = reply.groups[0]
    assert (largest.queue, largest.fingerprint, largest.error["message"]) == ("default", TORN.fingerprint, "try 2")
    assert largest.first_died_at == subject.record(often[0]).ended_at
    assert not reply.more
    assert subject.run(calls.DeadGroups(count=2)).more


def test_beyond_the_limit_the_oldest_go_with_their_records_and_are_counted(subject: Any) -> None:
    subject.limit(Limits(dead_limit=3))
    ids = [die(subject) for _ in range(5)]

    assert dead(subject) == ids[:1:-1]
    assert [subject.run(calls.Read(id_)) for id_ in ids[:2]] == [None, None]
    assert subject.run(calls.ReadHistory(ids[0])) == ()
    counts = subject.counts()
    assert (counts.failed, counts.dropped, counts.discarded, counts.replayed) == (5, 2, 0, 0)


def test_a_dead_letter_outlives_the_retention_of_other_tasks(subject: Any) -> None:
    subject.limit(Limits(retention=0.01))
    id_ = die(subject)
    subject.elapse(0.02)
    subject.run(calls.Sweep())

    assert dead(subject) == [id_]
    assert len(subject.run(calls.ReadHistory(id_))) == 1


def test_a_dead_letter_goes_when_it_was_kept_for_its_time(subject: Any) -> None:
    first = die(subject)
    subject.elapse(0.05)
    second = die(subject)
    subject.limit(Limits(dead_retention=0.05))

    assert subject.run(calls.Sweep()).lapsed == 1

    assert (subject.run(calls.Read(first)), dead(subject)) == (None, [second])
    assert subject.run(calls.ReadHistory(first)) == ()
    assert [group.count for group in subject.run(calls.DeadGroups()).groups] == [1]


def test_a_limit_that_was_lowered_is_reached_by_sweeping(subject: Any) -> None:
    ids = [die(subject) for _ in range(6)]
    subject.limit(Limits(dead_limit=2))

    assert subject.run(calls.Sweep(count=3)).dropped == 3
    assert subject.run(calls.Sweep(count=3)).dropped == 1

    assert dead(subject) == ids[:3:-1]
    assert subject.counts().dropped == 4


def test_dead_letters_are_counted_by_queue_and_reason(subject: Any) -> None:
    die(subject)
    die(subject, queue="other", reason=FailureReason.PERMANENT)
    gone = die(subject, queue="other", reason=FailureReason.PERMANENT)
    die(subject, queue="other", kind="demo.other", reason=FailureReason.PERMANENT)
    subject.run(calls.Discard((gone,)))

    counted = subject.run(calls.Statistics()).dead

    assert counted == (
        calls.DeadCount("default", FailureReason.EXHAUSTED, 1),
        calls.DeadCount("other", FailureReason.PERMANENT, 2),
    )
