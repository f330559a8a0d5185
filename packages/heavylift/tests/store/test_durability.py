"""Submissions that count only once a replica has them, on a primary and a replica."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from heavylift.errors import NotReplicated, StoreRefused
from heavylift.idempotency import IdempotencyKey
from heavylift.local import processes
from heavylift.record import Durability, Standing, Submission, new_task_id
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.endpoint import Endpoint
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.redis_node import Node


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """A primary and its replica."""
    ports = processes.free_port(), processes.free_port()
    lines = ['save ""', "repl-diskless-sync-delay 0", "loglevel warning"]
    primary = Node(ports[0], tmp_path / "primary", lines)
    replica = Node(ports[1], tmp_path / "replica", [*lines, f"replicaof 127.0.0.1 {ports[0]}"])
    try:
        primary.start()
        replica.start()
        eventually(lambda: replica.says("ROLE")[3], holds="connected".__eq__, claim="a replica")
        yield primary, replica
    finally:
        replica.end()
        primary.end()


@pytest.fixture
def store(nodes: tuple[Node, Node]) -> Iterator[RedisStore]:
    """A store that gives replicas all the time that they may need."""
    with RedisStore(Endpoint.at(f"redis://127.0.0.1:{nodes[0].port}/0"), timeout=20, replica_deadline=15) as store:
        yield store


@pytest.fixture
def hasty(nodes: tuple[Node, Node]) -> Iterator[RedisStore]:
    """A store that gives replicas a fifth of a second."""
    with RedisStore(Endpoint.at(f"redis://127.0.0.1:{nodes[0].port}/0"), replica_deadline=0.2) as store:
        yield store


def durable(*ids: str) -> calls.Submit:
    tasks = tuple(Submission(id=id_, kind="demo.work", payload="{}") for id_ in ids)
    return calls.Submit(tasks, Durability.REPLICA)


def _knows(node: Node, store: RedisStore, id_: str) -> bool:
    return bool(node.says("EXISTS", f"{store.partition}:task:{id_}"))


def test_what_is_answered_is_on_the_replica(nodes: tuple[Node, Node], store: RedisStore) -> None:
    ids = [new_task_id() for _ in range(100)]

    answers = store.run(durable(*ids))

    assert [answer.duplicate for answer in answers] == [False] * 100
    assert all(_knows(nodes[1], store, id_) for id_ in ids)


def test_what_no_replica_confirms_in_time_is_told_and_repeating_it_is_safe(
    nodes: tuple[Node, Node], store: RedisStore, hasty: RedisStore
) -> None:
    primary, replica = nodes
    id_ = new_task_id()
    replica.send(signal.SIGSTOP)

    for _ in range(2):  # the second time it is known already, and there is nothing new that a replica could lack
        with pytest.raises(NotReplicated, match="repeating it with the same id is safe"):
            hasty.run(durable(id_))
    assert _knows(primary, store, id_)
    replica.send(signal.SIGCONT)

    (answer,) = store.run(durable(id_))
    assert answer.duplicate
    assert _knows(replica, store, id_)
    assert store.run(calls.Statistics()).queues[0].submitted == 1


def test_what_no_replica_confirms_in_time_is_told_again_under_the_same_key_until_one_does(
    nodes: tuple[Node, Node], store: RedisStore, hasty: RedisStore
) -> None:
    _, replica = nodes
    key = IdempotencyKey("key", "asked", 60)
    replica.send(signal.SIGSTOP)

    for _ in range(2):  # each time with another id, as of a request that brings none
        with pytest.raises(NotReplicated):
            hasty.run(calls.Submit((Submission(kind="demo.work", payload="{}", idempotency_key=key),), Durability.REPLICA))
    with pytest.raises(NotReplicated):
        hasty.run(calls.FindAnswer(key, Durability.REPLICA))
    replica.send(signal.SIGCONT)

    (answer,) = store.run(calls.Submit((Submission(kind="demo.work", payload="{}", idempotency_key=key),), Durability.REPLICA))
    assert answer.standing is Standing.REPEATED
    assert _knows(replica, store, answer.id)
    assert replica.says("EXISTS", f"{store.partition}:idempotency:key")
    assert store.run(calls.Statistics()).queues[0].submitted == 1


def test_a_primary_whose_replica_is_gone_takes_nothing_durable(nodes: tuple[Node, Node], store: RedisStore) -> None:
    primary, replica = nodes
    id_ = new_task_id()
    replica.end()
    eventually(lambda: primary.says("INFO", "replication")["connected_slaves"], holds=(0).__eq__, claim="no replica")

    with pytest.raises(StoreRefused, match="Redis has no replica"):
        store.run(durable(id_))

    assert not _knows(primary, store, id_)
    assert store.run(calls.Submit((Submission(id=id_, kind="demo.work", payload="{}"),)))


async def test_asyncio_code_waits_for_the_replica_too(nodes: tuple[Node, Node], store: RedisStore) -> None:
    primary, replica = nodes
    place = Endpoint.at(f"redis://127.0.0.1:{primary.port}/0")
    patient, hasty = AsyncRedisStore(place, timeout=20, replica_deadline=15), AsyncRedisStore(place, replica_deadline=0.2)
    first, second = new_task_id(), new_task_id()

    await patient.run(durable(first))
    assert _knows(replica, store, first)
    replica.send(signal.SIGSTOP)
    with pytest.raises(NotReplicated):
        await hasty.run(durable(second))

    replica.send(signal.SIGCONT)
    await patient.close()
    await hasty.close()


def test_a_script_that_redis_forgot_is_brought_again_for_durable_work(nodes: tuple[Node, Node], store: RedisStore) -> None:
    nodes[0].says("SCRIPT", "FLUSH")
    id_ = new_task_id()

    store.run(durable(id_))

    assert _knows(nodes[1], store, id_)
