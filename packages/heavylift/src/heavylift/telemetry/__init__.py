"""What happens, in one vocabulary.

Store callers, worker and API report the facts of ``events`` to a ``Reporter``; ``logs``, ``metrics`` and ``traces`` subscribe to
it. Who reports does not know who listens, and a listener that fails never harms the work.
"""

from heavylift.telemetry.events import (
    Accepted,
    AttemptEnded,
    BatchAccepted,
    BatchCancelRequested,
    CancelRequested,
    DeadLettered,
    DeadLettersDiscarded,
    DeadLettersReplayed,
    Event,
    ForkFailed,
    LeaseEnded,
    Lost,
    Progressed,
    Promoted,
    Refused,
    Result,
    SpansDropped,
    Started,
    StoreSwept,
    StoreTrouble,
    TasksAccepted,
    TasksClaimed,
    TasksHandedOn,
    TasksSucceeded,
)
from heavylift.telemetry.reporter import Reporter, Subscriber

__all__ = [
    "Accepted",
    "AttemptEnded",
    "BatchAccepted",
    "BatchCancelRequested",
    "CancelRequested",
    "DeadLettered",
    "DeadLettersDiscarded",
    "DeadLettersReplayed",
    "Event",
    "ForkFailed",
    "LeaseEnded",
    "Lost",
    "Progressed",
    "Promoted",
    "Refused",
    "Reporter",
    "Result",
    "SpansDropped",
    "Started",
    "StoreSwept",
    "StoreTrouble",
    "Subscriber",
    "TasksAccepted",
    "TasksClaimed",
    "TasksHandedOn",
    "TasksSucceeded",
]
