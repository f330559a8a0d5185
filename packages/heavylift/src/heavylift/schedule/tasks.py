"""The task that a schedule makes at one of its times."""

import hashlib
import json
import uuid
from datetime import datetime, timedelta
from typing import Final

from heavylift.catalogue import Kind
from heavylift.idempotency import Unique, While
from heavylift.record import Submission, to_ms
from heavylift.schedule.schedule import KeptSchedule, Overlap, Schedule

TAG: Final = "schedule:"  #: With the name behind it, a tag of each task of a schedule.


def task_id_at(kept: KeptSchedule, due: datetime) -> str:
    """The id of the task of one time: always the same, so that whoever fires it again makes no second task.

    It is a UUIDv7 whose random part is a digest of the schedule and its creation.
    """
    said = [kept.schedule.tenant, kept.schedule.name, to_ms(kept.created_at), to_ms(due)]
    digest = int.from_bytes(hashlib.sha256(json.dumps(said).encode()).digest()[:10])
    random_a, random_b = digest >> 68, digest & ((1 << 62) - 1)
    return str(uuid.UUID(int=to_ms(due) << 80 | 7 << 76 | random_a << 64 | 0b10 << 62 | random_b))


def submission_of(schedule: Schedule, id_: str, now: datetime, known: Kind | None, traceparent: str = "") -> Submission:
    """What is to be submitted. ``known`` is the kind as its workers describe it now, None where nothing is known of it."""
    return Submission(
        id=id_,
        kind=schedule.kind,
        payload=schedule.payload,
        form=known.form if known else schedule.form,
        queue=queue_of(schedule, known),
        executor=known.executor if known else schedule.executor,
        priority=schedule.priority or (known.priority if known else schedule.kind_priority),
        expires_at=None if schedule.expires is None else now + timedelta(seconds=schedule.expires),
        tags=(f"{TAG}{schedule.name}", *schedule.tags),
        max_attempts=known.retry.max_attempts if known else schedule.max_attempts,
        traceparent=traceparent,
        unique=_unique(schedule) if schedule.overlap is Overlap.SKIP else None,
        tenant=schedule.tenant,
    )


def queue_of(schedule: Schedule, known: Kind | None = None) -> str:
    """The queue of its tasks."""
    return schedule.queue or (known.queue if known else schedule.kind_queue)


def _unique(schedule: Schedule) -> Unique:
    said = json.dumps(["schedule", schedule.tenant, schedule.name])
    return Unique(hashlib.sha256(said.encode()).hexdigest()[:40], While.RUNNING)
