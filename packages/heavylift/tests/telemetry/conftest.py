"""One fact of each kind, and collectors that fail in the two ways in which they do."""

import socket
from collections.abc import Iterator

import pytest

from heavylift.local.processes import free_port
from heavylift.telemetry import (
    Accepted,
    ApiAsked,
    AttemptEnded,
    BatchAccepted,
    BatchCancelRequested,
    CancelRequested,
    ClientCut,
    DeadLettered,
    DeadLettersDiscarded,
    DeadLettersReplayed,
    Event,
    ForkFailed,
    KeyRefused,
    LeadershipChanged,
    LeaseEnded,
    Logged,
    Lost,
    ObjectFetched,
    ObjectPutAway,
    ObjectsSwept,
    ObjectTrouble,
    OperatorActed,
    PoolDecided,
    PoolScaled,
    PoolTrouble,
    Progressed,
    Promoted,
    QueuePaused,
    QueuePurged,
    QueueResumed,
    Refused,
    ScheduleFired,
    SchedulesLooked,
    ScheduleTrouble,
    SpansDropped,
    Started,
    StoreSwept,
    StoreTrouble,
    StreamsChanged,
    TasksAccepted,
    TasksClaimed,
    TasksHandedOn,
    TasksSucceeded,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
TASK = "0192d0de-0000-7000-8000-000000000001"


@pytest.fixture
def one_of_each() -> list[Event]:
    """Every event of the vocabulary once, and of one task's life where it has a task."""
    of = {"task_id": TASK, "kind": "thumbnail", "queue": "pictures"}
    return [
        Accepted(**of, state="queued", traceparent=TRACEPARENT),
        Accepted(**of, state="queued", duplicate=True),
        Refused(kind="thumbnail", reason="payload-invalid"),
        Refused(kind="thumbnail", reason="payload-invalid", count=2),
        TasksAccepted(kind="thumbnail", queue="pictures", count=5, known=1, traceparent=TRACEPARENT),
        BatchAccepted(batch_id=TASK, items=8, accepted=6),
        BatchCancelRequested(batch_id=TASK, cancelled=4, asked=1),
        CancelRequested(**of, state="running"),
        LeaseEnded(consumer="w/1"),
        TasksClaimed(kind="thumbnail", queue="pictures", redelivered=False, waits=(0.3,), traceparent=TRACEPARENT),
        Started(**of, attempt=1, queued_at=100.0, started_at=100.3, traceparent=TRACEPARENT),
        Progressed(task_id=TASK, kind="thumbnail", done=1.0, total=2.0),
        Logged(**of, kept=3, dropped=1),
        AttemptEnded(**of, attempt=1, result="success", duration=0.7, since_submit=1.1, traceparent=TRACEPARENT),
        AttemptEnded(**of, attempt=1, result="success", duration=0.7, since_submit=1.1, committed=False),
        TasksSucceeded(kind="thumbnail", queue="pictures", durations=(0.7, 0.8), since_submits=(1.1, 1.2)),
        TasksHandedOn(consumer="w/1", cause="oom", requeued=(TASK,), buried=("another",)),
        DeadLettered(
            **of, reason="exhausted", fingerprint="9a0364b9e99bb480", attempt=3, error_type="OSError", traceparent=TRACEPARENT
        ),
        DeadLettersReplayed(count=7, wanted="kind=thumbnail", rate=2.0),
        DeadLettersDiscarded(task_id=TASK),
        StoreSwept(lapsed=1, dropped=2, indexes=3, queues=4),
        ObjectPutAway(role="payload", bytes=2_000_000, seconds=0.2),
        ObjectFetched(role="payload", bytes=2_000_000, seconds=0.1),
        ObjectsSwept(count=2),
        ObjectTrouble(operation="get", error_type="GenericError", message="it did not answer"),
        Promoted(due=3, expired=1),
        QueuePaused(queue="pictures", by="a1b2c3d4e5f6", why="the disk is full", seconds=60.0),
        QueueResumed(queue="pictures"),
        QueuePurged(queue="pictures", cancelled=7, by="a1b2c3d4e5f6"),
        Lost(consumer="w/1", pid=4711, reason="oom", cause="killed for its memory"),
        ForkFailed(consumer="w/1", message="Cannot allocate memory"),
        KeyRefused(reason="wrong", key="a1b2c3d4e5f6"),
        OperatorActed(action="task.cancel", target=TASK, outcome="done", key="a1b2c3d4e5f6", key_name="ada", tenant="acme"),
        ClientCut(reason="slow"),
        StoreTrouble(component="upkeep", error_type="StoreUnavailable", message="refused"),
        PoolDecided(pool="web", mode="acting", ordered=2, wanted=5, ready=2, starting=0, leaving=1, wait=45.0),
        PoolScaled(pool="web", before=2, after=5, rule="need", reason="scaling from 2 to 5"),
        PoolTrouble(pool="web", trouble="quota", message="no quota is left"),
        LeadershipChanged(identity="pod-1", leads=True, holder="pod-1"),
        ApiAsked(verb="patch", resource="deployments/scale", code="200"),
        StreamsChanged(open=3),
        ScheduleFired(schedule="nightly", tenant="", kind="thumbnail", queue="pictures", late=0.4, made=1, taken=1, missed=2),
        ScheduleTrouble(schedule="nightly", tenant="", error_type="StoreRefused", message="Redis is full"),
        SchedulesLooked(at=1_800_000_000.0),
        SpansDropped(count=7, error_type="ExportFailed"),
    ]


@pytest.fixture
def absent_collector() -> str:
    """An endpoint at which nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def silent_collector() -> Iterator[str]:
    """An endpoint that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
