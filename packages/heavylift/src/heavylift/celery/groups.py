"""Groups that somebody saved, to ask for their results later (``GroupResult.save`` and ``restore``)."""

from typing import Any

import redis
from celery.result import GroupResult, result_from_tuple
from kombu.utils.json import dumps, loads

from heavylift.settings import StoreSettings
from heavylift.store.endpoint import Endpoint

TIMEOUT = 3.0  # seconds for an answer


class Groups:
    """Which tasks a group has, kept for as long as the record of an ended task."""

    def __init__(self, settings: StoreSettings) -> None:
        endpoint = Endpoint.of(settings)
        self._client = redis.Redis.from_pool(endpoint.pool(endpoint.route(), timeout=TIMEOUT))
        self._prefix = f"{settings.namespace}:celery:group:"
        self._milliseconds = round(settings.retention * 1000)

    def save(self, group_id: str, result: GroupResult) -> None:
        """Keep a group."""
        self._client.set(self._prefix + group_id, dumps(result.as_tuple()), px=self._milliseconds)

    def restore(self, group_id: str, app: Any) -> GroupResult | None:
        """A group that was kept, None when there is none any more."""
        text = self._client.get(self._prefix + group_id)
        return None if text is None else result_from_tuple(loads(text), app)

    def delete(self, group_id: str) -> None:
        """Forget a group."""
        self._client.delete(self._prefix + group_id)
