"""Somebody who writes to the servers of the chart without a pause and remembers what was acknowledged."""

import threading
import time
import uuid
from types import TracebackType
from typing import Any, Final, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from heavylift.store.password_file import PasswordFile
from tests.support.eventually import eventually
from tests.support.redis_pods import SERVICE, RedisPods

#: Half a second for each answer, and no second try.
IMPATIENT: Final[dict[str, Any]] = {"socket_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}


class RedisWriter:
    """Pushes numbers to a list, as the API does: its user, by the sentinels, or by an ``address`` that leads to the primary.

    The password is read for every new connection.
    """

    def __init__(self, pods: RedisPods, address: str | None = None) -> None:
        self.key = f"heavylift:test:{uuid.uuid4().hex}"
        self.acknowledged: list[int] = []
        self.gap = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._write)
        options = IMPATIENT | {"credential_provider": PasswordFile(pods.passwords / "api", "api")} | pods.tls_options()
        self._primary = redis.Redis(address, **options) if address else _through_sentinels(pods, options)

    def _write(self) -> None:
        number, last = 0, time.monotonic()
        while not self._stopped.is_set():
            number += 1
            try:
                self._primary.rpush(self.key, number)
            except redis.RedisError:
                continue  # neither yes nor no: the next number goes to whoever is the primary then
            self.acknowledged.append(number)
            self.gap = max(self.gap, time.monotonic() - last)
            last = time.monotonic()

    def goes_on(self, *, beyond: int = 100) -> None:
        """Wait until so many more are acknowledged."""
        goal = len(self.acknowledged) + beyond
        eventually(lambda: len(self.acknowledged), holds=lambda count: count >= goal, within=30, claim=f"{goal} acknowledged")

    def lost(self, primary: "redis.Redis") -> set[int]:
        """What was acknowledged and is not there."""
        kept = set(primary.lrange(self.key, 0, -1))
        return {number for number in self.acknowledged if str(number) not in kept}

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _through_sentinels(pods: RedisPods, options: dict[str, Any]) -> "redis.Redis":
    sentinels = Sentinel([(address, 26379) for address in pods.addresses], sentinel_kwargs=options)
    return sentinels.master_for(SERVICE, **options)
