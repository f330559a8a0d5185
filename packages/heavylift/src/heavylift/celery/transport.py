"""The kombu transport: a task that is published becomes a record; everything else is Redis as kombu knows it.

Only ``_put`` of task messages is ours. Control commands, their replies and events go the way of kombu's Redis transport, so
``celery inspect``, ``celery control`` and Flower find what they expect.
"""

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import redis
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis

from heavylift.celery.again import ask, is_of_the_running_task
from heavylift.celery.known_kinds import KnownKinds
from heavylift.celery.messages import durability_of, is_task, submission_of
from heavylift.celery.polled import Poller, polled
from heavylift.errors import StoreUnavailable
from heavylift.objects.blocking import BlockingKeeper
from heavylift.record import Durability, Submission
from heavylift.settings import ObjectSettings, StoreSettings
from heavylift.store.calls import ReadCatalogue, Submit
from heavylift.store.endpoint import Endpoint
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter
from heavylift.telemetry.logs import Logs
from heavylift.telemetry.traces import sending

TIMEOUT: Final = 2.0  # seconds for an answer to kombu; longer than its blocking reads, which take one
SCHEME: Final = "heavylift"  # of the URL that names our transport to Celery, and no place


class Channel(kombu_redis.Channel):
    """A channel whose task messages go to the store."""

    _store: tuple[int, RedisStore] | None = None

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        if not is_task(message):
            super()._put(queue, message, **kwargs)
            return
        submission = submission_of(queue, message)
        if is_of_the_running_task(submission):
            ask(submission)
        else:
            completed = self._known_kinds.complete(submission, message)
            self._submit(completed, durability_of(message) or Durability(self._settings.durability))

    def _submit(self, submission: Submission, durability: Durability) -> None:
        with sending(kind=submission.kind, queue=submission.queue, task_id=submission.id) as traceparent:
            payload = submission.payload if self._keeper is None else self._keeper.kept(submission.id, submission.payload)
            traced = replace(submission, payload=payload, traceparent=submission.traceparent or traceparent)
            self.store.run(Submit((traced,), durability))

    @property
    def _keeper(self) -> BlockingKeeper | None:
        """What puts large payloads away. It is cheap to make, and the store may be another after a fork."""
        objects = _broker(self.connection.client).objects
        return None if objects.url is None else BlockingKeeper(objects, self.store, Reporter(Logs()))

    @cached_property
    def _known_kinds(self) -> KnownKinds:
        return KnownKinds(lambda: self.store.run(ReadCatalogue()))

    @property
    def store(self) -> RedisStore:
        """The store of this channel, made anew after a fork."""
        if self._store is None or self._store[0] != os.getpid():
            self._store = (os.getpid(), self._connect_store())
        return self._store[1]

    def _connect_store(self) -> RedisStore:
        return RedisStore.of(self._settings)

    def _get_pool(self, asynchronous: bool = False) -> redis.ConnectionPool:
        """Kombu's own connections, made as those of the store are, so that they find a primary in the same way."""
        self.keyprefix_fanout = self.keyprefix_fanout.format(db=self._settings.address.db)
        endpoint = Endpoint.of(self._settings)
        connection = polled(endpoint.connection_class, self) if asynchronous else endpoint.connection_class
        return endpoint.pool(endpoint.route(), timeout=TIMEOUT, decode=False, connection=connection)

    @property
    def _settings(self) -> StoreSettings:
        return _broker(self.connection.client).settings


@dataclass(frozen=True, slots=True)
class Broker:
    """The transport option ``store``: where Redis is. Celery shows options to people, so it shows no password."""

    settings: StoreSettings
    objects: ObjectSettings = field(default_factory=ObjectSettings.load)

    def __json__(self) -> str:
        """What ``celery inspect stats`` says of it."""
        return str(self.settings.address)


class Transport(kombu_redis.Transport):
    """Kombu's Redis transport with our channel. Blocking: the guardian reads control commands in a plain loop."""

    Channel = Channel
    client: Any
    can_parse_url = True  # else kombu takes the URL apart and says that it names no host
    connection_errors = (
        *kombu_redis.Transport.connection_errors,
        StoreUnavailable,
    )  # so that Celery's retries of publishing apply
    implements = kombu_redis.Transport.implements.extend(asynchronous=False, batch_publish=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle: Any = Poller()

    def as_uri(self, uri: str, include_password: bool = False, mask: str = "**") -> str:  # noqa: ARG002  kombu's signature
        """What people are told that they are connected to: never a password."""
        found: Broker | None = self.client.transport_options.get("store")
        return uri if found is None else str(found.settings.address)


def register_scheme() -> None:
    """Tell kombu of ``heavylift://``: to show the URL in its settings, Celery opens it without the transport named beside it."""
    TRANSPORT_ALIASES[SCHEME] = f"{Transport.__module__}:{Transport.__qualname__}"


def _broker(client: Any) -> Broker:
    """Where the app says that Redis is; where the environment does, for an app that was not configured by us."""
    found: Broker = client.transport_options.get("store") or Broker(StoreSettings.load())
    return found
