"""Time limits of one call, and of a whole worker, as Celery has them."""

import json
from typing import Any

import pytest
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded

from heavylift.celery.messages import submission_of
from heavylift.errors import TaskTimeout
from heavylift.record import Record
from heavylift.state import State
from heavylift.store.calls import Read
from heavylift.store.redis import RedisStore
from heavylift.worker.limits import PATIENCE, DefaultLimits, Limit, for_call, limit_of
from tests.support import sample_celery
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

KIND = Limit(10.0, 20.0, lambda seconds: TaskTimeout(f"{seconds:g}"))


def headers(hard: float | None, soft: float | None) -> str:
    """What a record keeps of a call that was sent with these limits."""
    message = {
        "headers": {"id": "1", "task": "proj.add", "timelimit": [hard, soft], "shadow": None},
        "body": json.dumps([[], {}, {}]),
        "content-type": "application/json",
    }
    return submission_of("default", message).headers


@pytest.mark.parametrize(
    ("sent", "soft", "hard"),
    [((None, None), 10.0, 20.0), ((5.0, None), 10.0, 5.0), ((None, 2.0), 2.0, 20.0), ((5.0, 2.0), 2.0, 5.0)],
)
def test_a_limit_of_a_call_goes_before_that_of_its_kind(
    sent: tuple[float | None, float | None], soft: float, hard: float
) -> None:
    limit = for_call(KIND, headers(*sent))

    assert (limit.soft, limit.hard) == (soft, hard)
    assert str(limit.raised()) == f"{soft:g}"


def test_a_record_keeps_nothing_of_a_call_without_limits() -> None:
    assert "timelimit" not in headers(None, None)
    assert for_call(KIND, "") is KIND


def test_the_limits_of_a_worker_hold_for_tasks_that_have_none() -> None:
    defaults = DefaultLimits(3.0, 4.0)
    add = sample_celery.app.tasks["proj.add"]

    limit = limit_of(add, defaults)

    assert (limit.soft, limit.hard) == (3.0, 4.0)
    assert isinstance(limit.raised(), SoftTimeLimitExceeded)


def test_beside_others_a_hard_limit_alone_raises_too() -> None:
    assert Limit(None, 7.0, TaskTimeout).in_company == 7.0  # type: ignore[arg-type]
    assert Limit(3.0, 7.0, TaskTimeout).in_company == 3.0  # type: ignore[arg-type]


def ended(store: RedisStore, task_id: str) -> Record:
    record = eventually(lambda: store.run(Read(task_id)), holds=lambda seen: seen is not None and seen.ended, within=20)
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("limits", "error", "longest"),
    [
        ({"soft_time_limit": 0.3}, "SoftTimeLimitExceeded", PATIENCE),
        ({"time_limit": 0.3}, "TaskTimeout", PATIENCE),
        ({"soft_time_limit": 0.3, "time_limit": 30}, "SoftTimeLimitExceeded", PATIENCE),
    ],
)
def test_a_call_that_takes_longer_than_it_may_is_ended(
    client: Celery, lasting_worker: WorkerProcess, redis_store: RedisStore, limits: dict[str, Any], error: str, longest: float
) -> None:
    result = client.signature("proj.sleep", (60,)).apply_async(**limits)

    record = ended(redis_store, result.id)

    assert (record.state, record.error["type"], record.deaths) == (State.FAILED, error, 0)
    assert record.ended_at is not None
    assert record.started_at is not None
    assert (record.ended_at - record.started_at).total_seconds() < longest


def test_a_handler_that_celery_calls_can_be_limited_too(
    client: Celery, lasting_worker: WorkerProcess, redis_store: RedisStore
) -> None:
    result = client.tasks["sample.sleep"].apply_async(({"seconds": 60},), soft_time_limit=0.3)

    record = ended(redis_store, result.id)

    assert (record.error["type"], record.error["message"]) == ("TaskTimeout", "the task ran longer than its timeout of 0.3 s")
