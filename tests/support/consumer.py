"""What a submitter and a consumer say to a blocking store, in short."""

from dataclasses import replace
from typing import Any

from heavylift.record import Delivery, Submission
from heavylift.store import calls
from heavylift.store.redis import RedisStore


def submit(store: RedisStore, count: int = 1, **fields: Any) -> list[str]:
    """Submit ``count`` equal tasks; their ids in order."""
    tasks = tuple(Submission(**({"kind": "demo.work", "payload": "{}"} | fields)) for _ in range(count))
    return [accepted.id for accepted in store.run(calls.Submit(tasks))]


def register(store: RedisStore, consumer: str = "w1", lease: float = 60.0) -> None:
    """Announce a consumer of the default queue."""
    store.run(calls.Register(consumer, ("default",), lease, {}))


def claim(store: RedisStore, count: int = 1, consumer: str = "w1", waiting: tuple[calls.Waiting, ...] = ()) -> list[Delivery]:
    """Claim from the default queue, in strict order."""
    return list(store.run(replace(calls.Claim.of(consumer, ("default",), count), waiting=waiting)))
