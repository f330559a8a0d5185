"""What there is besides tasks: kinds, keys, scaling."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from packages.heavylift.tests.client.conformance.conftest import Worker

from heavylift.access import Scope
from heavylift.client import Client
from heavylift.client.errors import KeyUnknown, KindUnknown, PurgeOver, QueueUnknown, RequestInvalid, TooMany
from heavylift.outcome import Succeeded
from heavylift.record import Executor
from heavylift.retry import RetryPolicy
from tests.support.kinds import KINDS, WELCOME


def test_kinds_are_told_as_their_worker_published_them(client: Any) -> None:
    names = [kind.name for kind in client.catalogue()]
    assert names == sorted(names)
    assert set(names) >= {kind.name for kind in KINDS}
    kind = client.kind("mail.welcome")
    assert (kind.queue, kind.priority, kind.timeout, kind.version) == ("mail", "high", 30.0, WELCOME.version)
    assert kind.retry == RetryPolicy(max_attempts=7, base=0.5)
    assert kind.payload_schema == WELCOME.payload_schema
    with pytest.raises(KindUnknown, match=r"did you mean mail.welcome"):
        client.kind("mail.welcom")


def test_keys_are_made_rotated_and_revoked_and_their_secret_is_in_no_representation(operator: Any) -> None:
    made = operator.keys.create("a shop", [Scope.SUBMIT, "read"], tenant="shop", expires_in=3600)

    assert made.key.startswith(f"hl_{made.id}_")
    assert made.key not in repr(made)
    assert (made.name, made.scopes, made.tenant) == ("a shop", (Scope.SUBMIT, Scope.READ), "shop")
    assert made.expires_at - made.created_at == timedelta(hours=1)
    assert made.id in {key.id for key in operator.keys.list()}
    other = operator.keys.rotate(made.id, grace=0)
    assert other.id == made.id
    assert other.key != made.key
    assert operator.keys.revoke(made.id).revoked_at is not None
    with pytest.raises(KeyUnknown):
        operator.keys.revoke("000000000000")
    with pytest.raises(RequestInvalid, match="scopes"):
        operator.keys.create("none", [])
    with pytest.raises(RequestInvalid, match="scopes"):
        operator.keys.create("wrong", ["everything"])


def test_a_queue_is_seen_paused_and_resumed(operator: Any, queue: str) -> None:
    operator.submit("demo.anything", queue=queue)

    (seen,) = [each for each in operator.queues.list() if each.name == queue]
    assert (seen.ready, seen.running, seen.workers, seen.pause) == (1, 0, 0, None)
    paused = operator.queues.pause(queue, reason="a move", expires_in=60)
    assert paused.pause is not None
    assert paused.pause.reason == "a move"
    assert paused.pause.until - paused.pause.since == timedelta(minutes=1)
    assert operator.queues.read(queue).pause == paused.pause
    assert operator.queues.resume(queue).pause is None
    with pytest.raises(QueueUnknown):
        operator.queues.read("no-such-queue")


def test_workers_are_told_with_what_they_run(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)
    delivery = worker.take()

    (seen,) = [each for each in client.workers() if each.name == queue]

    assert (seen.host, seen.queues, seen.executors, seen.rests) == (queue, (queue,), (Executor.PROCESS,), False)
    assert seen.lease_ends_at > datetime.now(UTC)
    (running,) = seen.running
    assert (seen.in_hand, running.id, running.kind, running.queue) == (1, handle.id, "demo.anything", queue)
    assert running.since == handle.read().started_at
    worker.end(delivery, Succeeded("null"))
    assert [each.in_hand for each in client.workers() if each.name == queue] == [0]


def test_a_queue_takes_in_no_more_than_is_said(operator: Any, queue: str) -> None:
    operator.submit("demo.anything", queue=queue)

    assert operator.queues.limit(queue, 0).limit == 0
    assert operator.queues.read(queue).limit == 0
    with Client(operator.address, timeout=0.5) as hasty, pytest.raises(TooMany, match="wait in the queue"):
        hasty.submit("demo.anything", queue=queue)
    assert operator.queues.limit(queue, None).limit is None
    with pytest.raises(QueueUnknown):
        operator.queues.limit("no-such-queue", 7)


def test_a_queue_is_emptied_in_two_steps(operator: Any, queue: str) -> None:
    handles = [operator.submit("demo.anything", queue=queue) for _ in range(2)]

    planned = operator.queues.purge(queue)
    later = operator.submit("demo.anything", queue=queue)
    assert (planned.waiting, planned.cancelled, operator.queues.read(queue).ready) == (2, 0, 3)
    with pytest.raises(PurgeOver):
        operator.queues.purge(queue, "no-such-token")
    done = operator.queues.purge(queue, planned.token)
    assert (done.cancelled, done.more, done.token) == (2, False, None)
    assert [handle.read().state for handle in (*handles, later)] == ["cancelled", "cancelled", "queued"]


def test_what_operators_did_is_told_with_what_came_of_it(operator: Any, queue: str) -> None:
    operator.submit("demo.anything", queue=queue)
    operator.queues.pause(queue, reason="a move")
    operator.queues.resume(queue)

    resumed, paused = operator.audit(target=queue)

    assert (resumed.action, paused.action, paused.outcome, paused.door) == ("queue.resume", "queue.pause", "done", "http")
    assert paused.details == {"reason": "a move"}
    assert paused.at <= paused.ended_at
    assert [entry.id for entry in operator.audit(target=queue, action="queue.pause")] == [paused.id]
    with pytest.raises(RequestInvalid, match="action"):
        next(iter(operator.audit(action="queue.praise")))


def test_where_there_never_was_an_autoscaler_nothing_is_told_of_one(client: Any) -> None:
    told = client.scaling()

    assert (told.at, told.leader, told.pools, told.unserved) == (None, None, (), {})
