"""The append-only file of a real Redis tells every state of every record."""

import json
from pathlib import Path

import hiredis

from heavylift.outcome import Succeeded
from heavylift.record import Submission
from heavylift.state import State
from heavylift.store.calls import Complete, Ended, HandOn, Memo, Read, Remember, Submit
from heavylift.store.redis import RedisStore
from tests.chaos import ledger
from tests.chaos.history import Birth, Effect
from tests.chaos.servers import DurableRedis
from tests.support.consumer import claim, register


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


def test_a_transaction_that_a_kill_cut_off_has_not_been(tmp_path: Path) -> None:
    born = ["HSET", "x:task:1", "kind", "demo.work", "payload", '{"token": "mine"}', "fence", "0"]
    other = ["HSET", "x:task:2", *born[2:]]
    commands = [["MULTI"], born, ["SELECT", "0"], ["MULTI"], other, ["EXEC"], ["HSET", "x:task:2", "state", "queued"]]
    file = tmp_path / "appendonly.aof"

    file.write_bytes(b"".join(hiredis.pack_command(tuple(command)) for command in commands))

    written = ledger.read(tmp_path)
    assert [birth.task for birth in written.births] == ["2"]
    assert [move.task for move in written.moves] == ["2"]
