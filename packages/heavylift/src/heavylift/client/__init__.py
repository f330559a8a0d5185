"""Submit tasks and follow them from Python, over HTTP or beside Redis, in blocking or asyncio code.

``heavylift.client.errors`` has what is raised, ``heavylift.client.values`` what is told.
"""

from heavylift.client.asynchronous import AsyncBatchHandle, AsyncClient, AsyncTaskHandle
from heavylift.client.blocking import BatchHandle, Client, TaskHandle
from heavylift.client.errors import (
    TaskCalledOff,
    TaskExpired,
    TaskFailed,
    TaskUnsuccessful,
    Unreachable,
    WaitOver,
)
from heavylift.client.item import DebounceKey, Item, UniqueKey

__all__ = [
    "AsyncBatchHandle",
    "AsyncClient",
    "AsyncTaskHandle",
    "BatchHandle",
    "Client",
    "DebounceKey",
    "Item",
    "TaskCalledOff",
    "TaskExpired",
    "TaskFailed",
    "TaskHandle",
    "TaskUnsuccessful",
    "UniqueKey",
    "Unreachable",
    "WaitOver",
]
