"""The end of a task is told to those who watch it: pub/sub, and so Redis only."""

from typing import Any

import pytest

from heavylift.outcome import Succeeded
from heavylift.record import from_ms
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually


def test_the_end_is_told_once_to_each_channel_that_watches(redis_store: RedisStore, client: Any, namespace: str) -> None:
    with client.pubsub(ignore_subscribe_messages=True) as ears:
        ears.subscribe(f"{namespace}:a", f"{namespace}:b")
        _await_subscribed(client, f"{namespace}:b")
        watched, other = submit(redis_store, 2)
        for channel in ("a", "b", "a"):
            assert redis_store.run(calls.Read(watched, watch=f"{namespace}:{channel}")).state is State.QUEUED  # type: ignore[union-attr]
        register(redis_store)
        deliveries = claim(redis_store, 2)

        ends = tuple(Ended(d.id, d.fence, Succeeded("1")) for d in deliveries)
        redis_store.run(calls.Complete(ends))
        redis_store.run(calls.Complete(ends))

        client.publish(f"{namespace}:a", "that was all")
        heard = [(m["channel"].rsplit(":", 1)[1], m["data"]) for m in _messages(ears, 3)]
    assert sorted(heard[:2]) == [("a", watched), ("b", watched)]
    assert heard[2] == ("a", "that was all")
    assert other not in {data for _, data in heard}


@pytest.mark.parametrize("end", ["cancel", "expire", "bury"])
def test_every_end_is_told(redis_store: RedisStore, client: Any, namespace: str, end: str) -> None:
    with client.pubsub(ignore_subscribe_messages=True) as ears:
        ears.subscribe(namespace)
        _await_subscribed(client, namespace)
        expires_at = from_ms(int(client.time()[0]) * 1000 + 60_000 if end != "expire" else 1)
        (id_,) = submit(redis_store, expires_at=expires_at)
        redis_store.run(calls.Read(id_, watch=namespace))
        register(redis_store)

        if end == "cancel":
            redis_store.run(calls.Cancel(id_))
        elif end == "expire":
            redis_store.run(calls.Promote())
        else:
            claim(redis_store)
            redis_store.run(calls.HandOn("w1", "SIGKILL", blame=True, max_deaths=1))

        assert [m["data"] for m in _messages(ears, 1)] == [id_]


def test_watching_a_task_that_has_ended_tells_nothing_and_shows_the_end(
    redis_store: RedisStore, client: Any, namespace: str
) -> None:
    (id_,) = submit(redis_store)
    redis_store.run(calls.Cancel(id_))

    record = redis_store.run(calls.Read(id_, watch=namespace))

    assert record is not None
    assert record.state is State.CANCELLED
    assert client.hget(f"{redis_store.partition}:task:{id_}", "watchers") is None


def _await_subscribed(client: Any, channel: str) -> None:
    eventually(lambda: dict(client.pubsub_numsub(channel))[channel], claim=f"somebody listens to {channel}")


def _messages(ears: Any, count: int) -> list[Any]:
    heard: list[Any] = []

    def listen() -> list[Any]:
        heard.extend(filter(None, [ears.get_message()]))
        return heard

    return eventually(listen, holds=lambda messages: len(messages) >= count)
