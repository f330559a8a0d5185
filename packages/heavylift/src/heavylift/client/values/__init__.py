"""What a client is told: frozen values, the same over HTTP and from the store."""

from heavylift.client.values.audit import AuditEntry
from heavylift.client.values.batch_events import BatchEndEvent, BatchEvent, CountsEvent, EndedEvent
from heavylift.client.values.batches import BatchCancelled, BatchReceipt, BatchState, ItemAnswer
from heavylift.client.values.dead_letters import BulkOutcome, DeadFilter, DeadGroup, DeadGroups
from heavylift.client.values.events import (
    DroppedEvent,
    EndEvent,
    EventError,
    LogEvent,
    ProgressEvent,
    StateEvent,
    TaskEvent,
)
from heavylift.client.values.keys import KeyInfo, MadeKey
from heavylift.client.values.kinds import KindInfo
from heavylift.client.values.live_tasks import LiveOutcome
from heavylift.client.values.page import Page
from heavylift.client.values.queues import Purge, Queue, QueuePause, QueueRate
from heavylift.client.values.scaling import Condition, Pool, ScalingState, Steering
from heavylift.client.values.schedules import Schedule, ScheduledTask, ScheduleSummary, ScheduleTimes
from heavylift.client.values.task import Attempt, LargeObject, Receipt, Task, TaskError, TaskSummary
from heavylift.client.values.why import Estimate, Why
from heavylift.client.values.workers import RunningTask, Worker
from heavylift.faults import Fault

__all__ = [
    "Attempt",
    "AuditEntry",
    "BatchCancelled",
    "BatchEndEvent",
    "BatchEvent",
    "BatchReceipt",
    "BatchState",
    "BulkOutcome",
    "Condition",
    "CountsEvent",
    "DeadFilter",
    "DeadGroup",
    "DeadGroups",
    "DroppedEvent",
    "EndEvent",
    "EndedEvent",
    "Estimate",
    "EventError",
    "Fault",
    "ItemAnswer",
    "KeyInfo",
    "KindInfo",
    "LargeObject",
    "LiveOutcome",
    "LogEvent",
    "MadeKey",
    "Page",
    "Pool",
    "ProgressEvent",
    "Purge",
    "Queue",
    "QueuePause",
    "QueueRate",
    "Receipt",
    "RunningTask",
    "ScalingState",
    "Schedule",
    "ScheduleSummary",
    "ScheduleTimes",
    "ScheduledTask",
    "StateEvent",
    "Steering",
    "Task",
    "TaskError",
    "TaskEvent",
    "TaskSummary",
    "Why",
    "Worker",
]
