"""The shapes that cross the wire, with an example of each. OpenAPI is made of these."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticSerializationError

from heavylift.record import Form, Priority
from heavylift.state import FailureReason, State
from heavylift.submission import AS_WHOLE as AS_WHOLE
from heavylift.submission import LONGEST_DELAY as LONGEST_DELAY
from heavylift.submission import QueueName as QueueName
from heavylift.submission import Seconds as Seconds
from heavylift.submission import Tag as Tag
from heavylift.submission import TaskId as TaskId
from heavylift.submission import TaskSubmission as TaskSubmission
from heavylift.submission import Time as Time
from heavylift.submission import UniqueKey as UniqueKey
from heavylift.submission import WholeNumber as WholeNumber
from heavylift_api import examples


def _write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_write_time, return_type=str)]  #: A time in UTC, to the millisecond.
#: It says its form to those who make requests; what is none of ours is told in a sentence of its own.
Cursor = Annotated[str, Field(json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"})]

TenantName = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_.-]*$")]


class Shape(BaseModel):
    """The base of what is answered. What is None is said to be null, never left out."""

    model_config = ConfigDict(frozen=True)

    def to_json(self) -> bytes:
        """The text that goes out."""
        try:
            return self.model_dump_json().encode()
        except PydanticSerializationError:  # half a surrogate pair, as tracebacks with undecodable file names have
            return json.dumps(self.model_dump()).encode()


class TaskAccepted(Shape):
    """The task is recorded: from now on it is not lost."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.ACCEPTED})

    id: str = Field(description="UUIDv7 of the task.")
    kind: str
    queue: str
    state: State = Field(description="`queued`, or `scheduled` when it waits for its time.")
    submitted_at: Moment
    trace_id: str = Field(description="Trace that follows the task from this request to its end.")
    href: str = Field(description="Where to follow the task.")
    existing: bool = Field(description="Whether it was there before, under the `unique` or `debounce` key that was asked for.")
    debounced: bool = Field(description="Whether it was there before, and has taken on the payload of this submission.")


class ProgressView(Shape):
    """How far a task is, in whatever unit it counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROGRESS]})

    done: float
    total: float | None = Field(description="null while nobody knows it.")
    message: str | None


#: A task of Celery's that calls ``update_state`` says something else of itself, and that is shown as it is.
Progress = Annotated[
    Any,
    WithJsonSchema({"anyOf": [{"$ref": "#/components/schemas/ProgressView"}, {"type": "object"}, {"type": "null"}]}),
    Field(
        description="What the running task says of how far it is: `done`, `total` and `message`; or Celery's `state` and `meta`, "
        "for a task that calls `update_state`."
    ),
]


class TaskSummary(Shape):
    """A task without its payload and its result, as lists show it."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SUMMARY]})

    id: str
    kind: str
    state: State
    queue: str
    priority: Priority
    tags: tuple[str, ...]
    tenant: str = Field(description="Whose it is: the tenant of the key that submitted it; empty for nobody's in particular.")
    attempt: int = Field(description="Number of the current or last try; the first is 1.")
    max_attempts: int
    deaths: int = Field(description="Workers that died while they ran the task.")
    submitted_at: Moment
    due_at: Moment | None = Field(description="When it is or was to enter its queue, for a delay or a retry.")
    queued_at: Moment | None
    started_at: Moment | None = Field(description="When a worker last took it in hand.")
    ended_at: Moment | None
    expires_at: Moment | None
    worker: str | None = Field(description="Who holds it, or held it last.")
    cancel_requested: bool
    progress: Progress
    error: Any = Field(description="What went wrong last: `type`, `message`, `retryable`, `details`, `traceback`, `exception`.")
    reason: FailureReason | None = Field(description="Why it is a dead letter; null for every task that is none.")
    batch: str | None = Field(description="Id of the batch that it was submitted in; null for one that came alone.")
    fingerprint: str | None = Field(description="The same for all dead letters of the same fault, whatever they were given.")
    trace_id: str | None
    links: dict[str, str] = Field(
        description="`self`, `wait` (answers when the task has ended), `events` (a stream of all that becomes of it), `kind`, "
        "`attempts`, `logs`, and `replay` for a dead letter, or `retry` for what waits for its time."
    )


class ObjectView(Shape):
    """A payload or a result that is too large to be shown with its task."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.OBJECTS})

    bytes: int = Field(description="Size of its JSON text.")
    sha256: str = Field(description="SHA-256 of the text, in hexadecimal.")
    href: str = Field(description="Where it is given out, to who has the scope `payload`.")


class TaskView(TaskSummary):
    """Everything that is known of a task."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.VIEWS})

    form: Form = Field(description="How the payload is applied: `payload`, one value, or `call`, `args` and `kwargs`.")
    payload: Any = Field(description="What the task works on; null where it is too large, and `payload_object` says where it is.")
    payload_object: ObjectView | None
    result: Any = Field(
        description="What the function returned; null unless the task has succeeded, and where it is too large, and "
        "`result_object` says where it is."
    )
    result_object: ObjectView | None
    redacted: bool = Field(
        description="Whether `payload`, `result` and the `details`, `traceback` and `exception` of `error` are held back, as "
        "the key lacks the scope `payload`."
    )


class TaskFilter(BaseModel):
    """Which tasks. One fits when it fits everything that is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str | None = Field(None, min_length=1, max_length=255, description="Only tasks of this kind.")
    queue: str | None = Field(None, min_length=1, max_length=255, description="Only tasks of this queue.")
    tag: str | None = Field(None, min_length=1, max_length=128, description="Only tasks with this tag among theirs.")
    batch: str | None = Field(None, min_length=1, max_length=255, description="Only tasks of this batch.")
    submitted_after: Time | None = Field(
        None, description="Only those submitted at this time or later, with its offset from UTC."
    )
    submitted_before: Time | None = Field(None, description="Only those submitted before this time, with its offset from UTC.")
    tenant: TenantName | None = Field(
        None, description="Only those of this tenant; empty for those of none. For administrators of no tenant. Left out: of any."
    )

    @field_validator("submitted_before")
    @classmethod
    def _is_after_the_other(cls, before: Time | None, info: ValidationInfo) -> Time | None:
        after = info.data.get("submitted_after")
        if before is not None and after is not None and before <= after:
            raise ValueError("is not after submitted_after, so nothing lies between them")
        return before


class TaskQuery(TaskFilter):
    """Which tasks to list."""

    state: State | None = Field(None, description="Only tasks in this state. Those in a live state are listed completely.")
    limit: int = Field(50, ge=1, le=200, description="Tasks on one page at most.")
    cursor: Cursor | None = Field(None, description="The `cursor` of the page before.")


class TaskPage(Shape):
    """Tasks, newest first. A page may be short or empty and still have a next one: the filters passed over many tasks."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.PAGES})

    tasks: tuple[TaskSummary, ...]
    cursor: str | None = Field(description="Give it as `cursor` for the next page; null when this is the last.")
    next: str | None = Field(description="The next page with the same filters; null when this is the last.")


class RetryView(Shape):
    """How often and at what distance a task is tried again: full jitter up to min(cap, base · factor^(n-1)) seconds."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.KINDS[0]["retry"]]})

    max_attempts: int
    base: float
    factor: float
    cap: float


class KindView(Shape):
    """A kind of task, as its worker published it."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.KINDS})

    name: str
    description: str
    form: Form
    queue: str
    priority: Priority
    timeout: float | None = Field(description="The longest run in seconds; null for no limit.")
    retry: RetryView
    payload_schema: dict[str, Any] = Field(description="JSON Schema (2020-12) of the payload.")
    result_schema: dict[str, Any] = Field(description="JSON Schema (2020-12) of the result.")
    version: str = Field(description="Changes exactly when something above changes.")
    href: str


class Catalogue(Shape):
    """Every kind that a worker has published, by name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kinds": examples.KINDS}]})

    kinds: tuple[KindView, ...]


class Health(Shape):
    """How the process is. `checks` says of each thing what is known."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.HEALTHS})

    status: str
    checks: dict[str, str] = Field(default_factory=dict)


class Fault(Shape):
    """One thing that is wrong."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.PROBLEMS[0]["errors"]})

    field: str = Field(description="Where: a dotted path such as `payload.width`.")
    message: str


class Problem(Shape):
    """An error (RFC 9457). Branch on `type`; read `detail`."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.PROBLEMS})

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[Fault, ...] = Field((), description="Each fault by its field, where there are fields.")
    near: tuple[str, ...] = Field((), description="Names that may have been meant, where a name is unknown.")
    state: State | None = Field(None, description="The state that the task is in, where that is what is in the way.")
