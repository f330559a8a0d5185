"""The shapes of batches as they cross the wire."""

from pydantic import BaseModel, ConfigDict, Field

from heavylift.batch import MOST_ITEMS
from heavylift_api import batch_examples as examples
from heavylift_api.schemas import Moment, Problem, Shape, TaskAccepted, TaskSubmission


class BatchSubmission(BaseModel):
    """Many tasks as they are asked for. Or a submission a line, as `application/x-ndjson`."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.SUBMISSIONS})

    tasks: tuple[TaskSubmission, ...] = Field(min_length=1, max_length=MOST_ITEMS)


class ItemAnswer(Shape):
    """What came of one item: what `POST /v1/tasks` would have answered."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.ITEMS})

    status: int = Field(description="202 for a task that is recorded; else that of the problem.")
    task: TaskAccepted | None
    problem: Problem | None


class BatchAccepted(Shape):
    """A batch is recorded, with the tasks of all items that were accepted."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.ACCEPTED})

    id: str = Field(description="UUIDv7 of the batch.")
    items: int = Field(description="Items of the request.")
    accepted: int = Field(description="Items that have a task: a new one, or one that there was before.")
    refused: int = Field(description="Items that have none.")
    href: str = Field(description="Where to follow the batch.")
    tasks: tuple[ItemAnswer, ...] = Field(description="Item by item, in the order of the request.")


class BatchView(Shape):
    """What has become of a batch."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.VIEWS})

    id: str
    created_at: Moment
    ended_at: Moment | None = Field(description="When the last of its tasks ended; null while one has not, or is still to come.")
    expected: int = Field(description="Items that were accepted or are about to be.")
    made: int = Field(description="Tasks that these made.")
    existing: int = Field(description="Items for which there was a task before; that is not followed here.")
    pending: int = Field(description="Tasks that have not ended.")
    succeeded: int
    failed: int
    cancelled: int
    expired: int
    links: dict[str, str] = Field(
        description="`self`, `wait` (answers when the batch has ended), `events`, `tasks`, and `cancel`."
    )


class BatchCancelled(Shape):
    """What came of calling a batch off."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.CANCELLED})

    cancelled: int = Field(description="Tasks that waited, and are cancelled.")
    asked: int = Field(description="Tasks that run, and are asked to end.")
    batch: BatchView = Field(description="The batch after that.")
