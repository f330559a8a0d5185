"""The shapes of workers as they cross the wire."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from heavylift.record import Executor
from heavylift_api import examples
from heavylift_api.schemas import Moment, Shape

_RUNNING: Final[dict[str, Any]] = {
    "id": examples.ID,
    "kind": "images.thumbnail",
    "queue": "default",
    "since": "2026-01-31T12:00:00.003Z",
    "href": f"/v1/tasks/{examples.ID}",
}

_WORKER: Final[dict[str, Any]] = {
    "name": "celery@worker-7f9c/1a2b/0.1",
    "host": "worker-7f9c",
    "queues": ["default", "mail"],
    "executors": ["process"],
    "lease_ends_at": "2026-01-31T12:00:14.000Z",
    "rests": False,
    "in_hand": 1,
    "running": [_RUNNING],
}


class WorkerQuery(BaseModel):
    """Which workers to list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Children on one page at most.")
    cursor: str = Field("", max_length=255, description="The `cursor` of the page before.")


class RunningTask(Shape):
    """A task that a worker has in hand."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUNNING]})

    id: str
    kind: str
    queue: str
    since: Moment = Field(description="When it was taken in hand.")
    href: str


class WorkerView(Shape):
    """A child of a worker that lives, and what it runs."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WORKER]})

    name: str = Field(description="As in the `worker` of the tasks that it runs.")
    host: str = Field(description="Where it runs; in Kubernetes the name of the pod.")
    queues: tuple[str, ...] = Field(description="Queues that it takes tasks from.")
    executors: tuple[Executor, ...] = Field(description="Kinds of children whose tasks it takes.")
    lease_ends_at: Moment = Field(description="When its tasks are handed on unless it says before then that it lives.")
    rests: bool = Field(description="Whether it takes nothing more, as it is about to leave.")
    in_hand: int = Field(description="Tasks that it has taken and not ended.")
    running: tuple[RunningTask, ...] = Field(description="Ten of them at most.")


class WorkerPageView(Shape):
    """Children of workers, by name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"workers": [_WORKER], "cursor": _WORKER["name"], "next": "/v1/workers?limit=1&cursor=celery%40worker-7f9c"}
            ]
        }
    )

    workers: tuple[WorkerView, ...]
    cursor: str | None = Field(description="Give it as `cursor` for the next page; null when this is the last.")
    next: str | None = Field(description="The next page; null when this is the last.")
