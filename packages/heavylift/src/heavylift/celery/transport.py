"""The kombu transport: a task that is published becomes a record; everything else is Redis as kombu knows it.

Only ``_put`` of task messages is ours. Control commands, their replies and events go the way of kombu's Redis transport, so
``celery inspect``, ``celery control`` and Flower find what they expect.
"""

import os
from dataclasses import replace
from typing import Any

import redis
from celery import current_task
from kombu.transport import redis as kombu_redis
from kombu.utils.json import dumps, loads

from heavylift.celery.messages import is_task, submission_of
from heavylift.errors import PermanentError, StoreUnavailable
from heavylift.record import Form, Submission
from heavylift.settings import StoreSettings
from heavylift.store.calls import Limits, Submit
from heavylift.store.redis import RedisStore
from heavylift.telemetry.traces import sending


class Channel(kombu_redis.Channel):
    """A channel whose task messages go to the store."""

    _store: tuple[int, RedisStore] | None = None

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        if not is_task(message):
            super()._put(queue, message, **kwargs)
            return
        submission = submission_of(queue, message)
        if _is_of_the_running_task(submission):
            _check_retry(submission)
        else:
            self._submit(submission)

    def _submit(self, submission: Submission) -> None:
        with sending(kind=submission.kind, queue=submission.queue, task_id=submission.id) as traceparent:
            self.store.run(Submit((replace(submission, traceparent=submission.traceparent or traceparent),)))

    @property
    def store(self) -> RedisStore:
        """The store of this channel, made anew after a fork."""
        if self._store is None or self._store[0] != os.getpid():
            self._store = (os.getpid(), self._connect_store())
        return self._store[1]

    def _connect_store(self) -> RedisStore:
        parameters = self._connparams()
        connection = parameters.pop("connection_class", redis.Connection)
        pool = redis.ConnectionPool(connection_class=connection, **(parameters | {"decode_responses": True}))
        options = self.connection.client.transport_options
        limits = Limits(index_limit=options.get("index_limit", Limits().index_limit))
        return RedisStore(
            redis.Redis(connection_pool=pool), namespace=options.get("namespace", _default_namespace()), limits=limits
        )


class Transport(kombu_redis.Transport):
    """Kombu's Redis transport with our channel. Blocking: the guardian reads control commands in a plain loop."""

    Channel = Channel
    connection_errors = (
        *kombu_redis.Transport.connection_errors,
        StoreUnavailable,
    )  # so that Celery's retries of publishing apply
    implements = kombu_redis.Transport.implements.extend(asynchronous=False, batch_publish=False)


def _default_namespace() -> str:
    return str(StoreSettings.model_fields["namespace"].default)


def _is_of_the_running_task(submission: Submission) -> bool:
    task = current_task
    return bool(task) and task.request.id == submission.id and not task.request.called_directly


def _check_retry(submission: Submission) -> None:
    """Task.retry() publishes the task anew before it raises Retry. Nothing is published here.

    The record itself goes back to ``scheduled``, under the fence of the attempt that asks for it, and stays the task that it is.
    Raises PermanentError for what would make another one of it.
    """
    request = current_task.request
    if submission.kind != request.task:
        raise PermanentError(f"Task.replace() is not supported; call {submission.kind}.delay() instead, or chain the two")
    call = loads(submission.payload)
    submitted = loads(dumps({"args": list(request.args or ()), "kwargs": request.kwargs or {}}))
    if submission.form is Form.CALL and call != submitted:
        raise PermanentError("retry() with other arguments is not supported: the record keeps those that were submitted")
