"""What there is besides tasks: kinds, keys, scaling."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from packages.heavylift.tests.client.conformance.conftest import Worker

from heavylift.access import Scope
from heavylift.client.errors import KeyUnknown, KindUnknown, QueueUnknown, RequestInvalid
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


def test_where_there_never_was_an_autoscaler_nothing_is_told_of_one(client: Any) -> None:
    told = client.scaling()

    assert (told.at, told.leader, told.pools, told.unserved) == (None, None, (), {})
