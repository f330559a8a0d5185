"""Asks the sentinels where the primary is."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

PATIENCE: Final = 0.4  #: Seconds for one sentinel: it answers in one thousandth, and all of them share the deadline of a request.

Host = tuple[str, int]


#: Asked often, and one thing each time: a connection without any handshake, unless there is a password.
_SPARING: Final[dict[str, Any]] = {
    "socket_timeout": PATIENCE,
    "socket_connect_timeout": PATIENCE,
    "decode_responses": True,
    "protocol": 2,
    "driver_info": None,
}


class NoSentinel(RedisConnectionError):
    """No sentinel says anything of the primary."""


class PrimaryDown(RedisConnectionError):
    """The sentinels say that the primary is down."""


@dataclass(frozen=True, slots=True)
class Word:
    """What one sentinel says of the service: where its primary is, in which epoch it learned that, and whether it is down."""

    primary: Host
    epoch: int
    down: bool


class Sentinels:
    """The sentinels of a service. ``options`` are those of redis-py for connections to them."""

    def __init__(self, hosts: Sequence[Host], service: str, options: Mapping[str, Any]) -> None:
        self._hosts = random.sample(hosts, len(hosts))  # in an order of our own, so that nobody asks all the same ones
        self._service = service
        self._options = dict(options) | _SPARING

    def find(self) -> Host:
        """Where the primary is, by the word of a majority, or of those that answer. Raises NoSentinel, PrimaryDown."""
        told = _Told(self._service, len(self._hosts))
        for host in self._in_turn(told):
            try:
                with redis.Redis(*host, retry=Retry(NoBackoff(), 0), **self._options) as client:
                    told.hear(_ask(client.pipeline(transaction=False), self._service).execute(raise_on_error=False))
            except (RedisError, OSError) as error:
                self._miss(told, host, error)
        return told.primary()

    async def find_async(self) -> Host:
        """The same for asyncio code."""
        told = _Told(self._service, len(self._hosts))
        for host in self._in_turn(told):
            try:
                async with redis.asyncio.Redis(
                    host=host[0], port=host[1], retry=AsyncRetry(NoBackoff(), 0), **self._options
                ) as client:
                    told.hear(await _ask(client.pipeline(transaction=False), self._service).execute(raise_on_error=False))
            except (RedisError, OSError) as error:
                self._miss(told, host, error)
        return told.primary()

    def _in_turn(self, told: "_Told") -> Iterator[Host]:
        for host in self._hosts:
            if told.enough:
                return
            yield host

    def _miss(self, told: "_Told", host: Host, error: Exception) -> None:
        told.miss(host, error)  # and asked last from now on
        self._hosts = [*(other for other in self._hosts if other != host), host]  # others may be going through them


class _Told:
    """What the sentinels have said so far."""

    def __init__(self, service: str, sentinels: int) -> None:
        self._service = service
        self._majority = sentinels // 2 + 1
        self._words: list[Word] = []
        self._misses: list[str] = []

    @property
    def enough(self) -> bool:
        """Whether a majority has spoken."""
        return len(self._words) >= self._majority

    def hear(self, replies: Sequence[Any]) -> None:
        """Take down what a sentinel has answered to ``_ask``. Raises its error."""
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        primary, state = replies
        # While a failover is under way its leader tells of the new primary before it has made it that of its own state.
        down = state["is_sdown"] and (state["ip"], state["port"]) == (primary[0], int(primary[1]))
        self._words.append(Word((primary[0], int(primary[1])), state["config-epoch"], down))

    def miss(self, host: Host, error: Exception) -> None:
        """Take down that a sentinel has said nothing of use."""
        said = (
            "asks for a password: set HEAVYLIFT_STORE_SENTINEL_PASSWORD" if isinstance(error, AuthenticationError) else str(error)
        )
        self._misses.append(f"{host[0]}:{host[1]}: {said}")

    def primary(self) -> Host:
        """Whom they name: the latest news counts."""
        if not self._words:
            raise NoSentinel(f"no sentinel tells the primary of {self._service!r} ({'; '.join(self._misses)})")
        latest = max(word.epoch for word in self._words)
        news = [word for word in self._words if word.epoch == latest]
        if all(word.down for word in news):
            raise PrimaryDown(f"the primary of {self._service!r} is down, say its sentinels; they are about to name another")
        return next(word.primary for word in news if not word.down)


def _ask(pipeline: Any, service: str) -> Any:
    return pipeline.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", service).execute_command("SENTINEL MASTER", service)
