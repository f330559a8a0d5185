"""Carries out what steps ask for, on Redis, for blocking code."""

import time
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from heavylift.client.asks import Pause
from heavylift.client.direct.asks import Fetch, Hear, Hush, Listen, Listening, Question, Unanswered, check_confirmed
from heavylift.client.direct.large import fetched
from heavylift.errors import HeavyliftError, StoreRefused, StoreUnavailable
from heavylift.objects.blocking import finished
from heavylift.store.redis import RedisStore


class DirectCarrier:
    """A store. Safe to use from several threads."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    def carry(self, asked: Any) -> Any:
        """Do as one step asks."""
        try:
            return self._carry(asked)
        except (StoreUnavailable, StoreRefused) as error:
            return Unanswered(error)
        except (RedisError, OSError) as error:
            return Unanswered(StoreUnavailable(f"Redis cannot be heard: {error}"))

    def _carry(self, asked: Any) -> Any:
        match asked:
            case Question():
                return self._store.run(asked.call)
            case Fetch():
                return finished(fetched(asked.check))
            case Listen():
                return self._listen(asked.channel)
            case Hear():
                return self._hear(asked)
            case Hush():
                return _close(asked.listening)
            case Pause():
                return time.sleep(asked.seconds)
        raise AssertionError(f"nobody asks {asked!r} of a store")

    def _listen(self, channel: str) -> Listening:
        pubsub = self._store.subscription()
        try:
            pubsub.subscribe(channel)
            check_confirmed(pubsub.get_message(timeout=self._store.TIMEOUT))
        except BaseException:
            pubsub.close()
            raise
        return Listening(channel, pubsub)

    def _hear(self, asked: Hear) -> bool:
        try:
            return asked.listening.handle.get_message(timeout=asked.seconds) is not None
        except BaseException:
            _close(asked.listening)
            raise

    def close(self) -> None:
        """Close the connections."""
        self._store.close()


def _close(listening: Listening) -> None:
    with suppress(HeavyliftError, RedisError, OSError):
        listening.handle.close()
