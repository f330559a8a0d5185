"""The append-only file of a real Redis tells every state of every record."""

import json
from collections.abc import Callable
from pathlib import Path

import hiredis

from heavylift.errors import HeavyliftError
from heavylift.outcome import Succeeded
from heavylift.record import Durability, Submission
from heavylift.state import State
from heavylift.store.calls import Complete, Ended, HandOn, Memo, Read, Remember, Submit
from heavylift.store.redis import RedisStore
from tests.chaos import ledger
from tests.chaos.history import Birth, Effect
from tests.chaos.servers import DurableRedis, WatchedServers
from tests.support.consumer import claim, register
from tests.support.eventually import eventually


def test_the_ledger_has_every_step_of_a_life_also_across_a_kill_of_redis(tmp_path: Path) -> None:
    server = DurableRedis(directory=tmp_path).start()
    try:
        with RedisStore.from_url(server.url) as store:
            # Given a task whose first worker dies, and a Redis that is killed before the second one is through
            submission = Submission(kind="demo.work", payload=json.dumps({"token": "mine"}))
            store.run(Submit((submission,)))
            register(store)
            claim(store)
            store.run(HandOn("w1", "it was killed", blame=True, max_deaths=3))
            server.kill()
            server.start()

        with RedisStore.from_url(server.url) as store:
            register(store, "w2")
            (delivery,) = claim(store, consumer="w2")
            store.run(Remember((Memo.effect(delivery.id, delivery.fence, "mail", "true"),)))
            store.run(Complete((Ended(delivery.id, delivery.fence, Succeeded("null")),)))

            record = store.run(Read(delivery.id))

            # When the file is read while Redis has it open
            written = ledger.read(tmp_path)
    finally:
        server.stop()

    # Then it has all of it
    assert written.births == (Birth(submission.id, "mine"),)
    assert written.effects == (Effect(submission.id, 2, "mail"),)
    assert [(move.task, move.state, move.fence) for move in written.moves] == [
        (submission.id, state, fence)
        for state, fence in [
            (State.QUEUED, 0),
            (State.RUNNING, 1),
            (State.QUEUED, 1),
            (State.RUNNING, 2),
            (State.SUCCEEDED, 2),
        ]
    ]
    assert record is not None
    assert record.ended_at is not None
    assert [move.at for move in written.moves] == [None, None, None, None, record.ended_at.timestamp()]


def test_the_ledger_of_a_replica_has_what_it_inherited_and_each_step_since(tmp_path: Path) -> None:
    with WatchedServers(tmp_path) as servers, RedisStore.from_url(servers.url, timeout=5.0) as store:
        # Given a task that is queued before a failover, and whose old primary comes back empty and copies it
        submission = Submission(kind="demo.work", payload=json.dumps({"token": "mine"}))
        eventually(lambda: _is_done(lambda: store.run(Submit((submission,), Durability.REPLICA))), claim="a task on a replica")
        old = servers.fail_over()
        servers.revive(old)

        # When it is claimed and ended, and that server, the only one that is left to do so, becomes the primary again
        eventually(lambda: _is_done(lambda: register(store)), claim="a registration")
        (delivery,) = claim(store)
        store.run(Complete((Ended(delivery.id, delivery.fence, Succeeded("null")),)))
        for server in servers.servers:
            if server not in (old, servers.primary()):
                server.end()
        servers.fail_over()

        survived, others = servers.folders()

        # Then its file begins with the copy
        written = ledger.read(survived)
        assert written.births == (Birth(submission.id, "mine", inherited=True),)
        assert [move.state for move in written.moves] == [State.QUEUED, State.RUNNING, State.SUCCEEDED]
        assert submission.id in {birth.task for other in others for birth in ledger.read(other).births if not birth.inherited}


def _is_done(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except HeavyliftError:
        return False
    return True


def test_a_transaction_that_a_kill_cut_off_has_not_been(tmp_path: Path) -> None:
    born = ["HSET", "x:task:1", "kind", "demo.work", "payload", '{"token": "mine"}', "fence", "0"]
    other = ["HSET", "x:task:2", *born[2:]]
    commands = [["MULTI"], born, ["SELECT", "0"], ["MULTI"], other, ["EXEC"], ["HSET", "x:task:2", "state", "queued"]]
    file = tmp_path / "appendonly.aof"

    file.write_bytes(b"".join(hiredis.pack_command(tuple(command)) for command in commands))

    written = ledger.read(tmp_path)
    assert [birth.task for birth in written.births] == ["2"]
    assert [move.task for move in written.moves] == ["2"]
