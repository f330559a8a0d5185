"""The shapes that cross the wire, with an example of each. OpenAPI is made of these."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticSerializationError

from heavylift.idempotency import While
from heavylift.record import Durability, Form, Priority
from heavylift.state import FailureReason, State
from heavylift_api import examples

LONGEST_DELAY: Final = 31 * 12 * 86_400  #: Seconds that a task may be put off: the 31 days of a month, twelve times.


_UUID7: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


def _read_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("is a time such as 2026-01-31T12:00:00Z")  # noqa: TRY004  pydantic turns only ValueError into a fault
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("is a time such as 2026-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("says its offset from UTC, as in 2026-01-31T12:00:00Z or 2026-01-31T14:00:00+02:00")
    return moment


def _write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read_id(value: object) -> str:
    if not isinstance(value, str) or not _UUID7.fullmatch(value):
        raise ValueError("is a UUID of version 7, such as 01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42")
    return value.lower()


TaskId = Annotated[
    str, BeforeValidator(_read_id), WithJsonSchema({"type": "string", "format": "uuid", "pattern": _UUID7.pattern})
]  #: In its usual form.
Time = Annotated[datetime, BeforeValidator(_read_time)]  #: A time that is given, with its offset from UTC.
Moment = Annotated[datetime, PlainSerializer(_write_time, return_type=str)]  #: A time in UTC, to the millisecond.
Seconds = Annotated[float, Field(strict=True, allow_inf_nan=False)]  #: A JSON number: "5" and true are none.
Tag = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
#: It says its form to those who make requests; what is none of ours is told in a sentence of its own.
Cursor = Annotated[str, Field(json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"})]
QueueName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]

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


class UniqueKey(BaseModel):
    """A task of which there is to be one at a time, by a key of yours."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.UNIQUE_KEYS})

    key: str = Field(
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="What there is to be one task of, such as the number of an order. It counts within the kind.",
    )
    held_while: While = Field(
        While.RUNNING,
        alias="while",
        description="How long the task holds the key: `queued`, while it waits; `running`, until it has ended; `ttl`, for `ttl` "
        "seconds from its submission on.",
    )
    ttl: Seconds | None = Field(None, gt=0, le=LONGEST_DELAY, description="Seconds, for `ttl` and only for it.")

    @field_validator("ttl")
    @classmethod
    def _is_for_ttl(cls, ttl: float | None, info: ValidationInfo) -> float | None:
        if ttl is not None and info.data.get("held_while") not in (While.TTL, None):
            raise ValueError('is for "while": "ttl"; leave it out')
        return ttl

    @model_validator(mode="after")
    def _has_its_ttl(self) -> Self:
        if self.held_while is While.TTL and self.ttl is None:
            raise ValueError('gives "while": "ttl" and no "ttl"; say for how many seconds')
        return self


class DebounceKey(BaseModel):
    """A task that starts when nobody has asked for it for a while."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.DEBOUNCE_KEYS})

    key: str = Field(
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="What it is about, such as the number of a document. It counts within the kind and the queue.",
    )
    seconds: Seconds = Field(
        gt=0,
        le=LONGEST_DELAY,
        description="The task starts when nobody has asked for it for so long. Who asks again replaces its payload.",
    )
    max_wait: Seconds | None = Field(
        None,
        gt=0,
        le=LONGEST_DELAY,
        description="Seconds after the first submission at which it starts at the latest, however often it is asked for. That "
        "of the first submission counts.",
    )


class TaskSubmission(BaseModel):
    """A task as it is asked for. Only `kind` is needed; what is left out comes from the kind in the catalogue."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": examples.SUBMISSIONS},
    )

    id: TaskId | None = Field(
        None,
        description="Id of the task, a UUID of version 7 that you make. Who gets no answer repeats the request with the same "
        "id and makes no second task. Made here when it is left out.",
    )
    kind: str = Field(min_length=1, max_length=255, description="Name of the kind of task, as in the catalogue.")
    payload: Any = Field(
        default_factory=dict,
        description="What the task works on: a JSON value that fits the kind's `payload_schema`. Kept as it was written.",
    )
    queue: QueueName | None = Field(None, description="Queue to wait in, instead of the kind's.")
    priority: Priority | None = Field(None, description="Lane of the queue, instead of the kind's.")
    delay: Seconds | None = Field(
        None, ge=0, le=LONGEST_DELAY, description="Seconds to wait before the task is queued. Not together with `eta`."
    )
    eta: Time | None = Field(
        None, description="Time before which the task is not queued, with its offset from UTC. Not together with `delay`."
    )
    expires: Seconds | None = Field(
        None,
        gt=0,
        le=2 * LONGEST_DELAY,
        description="Seconds from the submission in which the task must have started; otherwise it ends as `expired`.",
    )
    tags: tuple[Tag, ...] = Field((), max_length=16, description="Words of yours to find the task by.")
    unique: UniqueKey | None = Field(
        None,
        description="While another task holds this key no second one is made: the answer is that task, with `existing`.",
    )
    debounce: DebounceKey | None = Field(
        None,
        description="While a task waits for this key it takes on the payload that is submitted now, and waits anew: the answer "
        "is that task, with `debounced`. Not together with `delay`, `eta` or `unique`.",
    )
    durability: Durability | None = Field(
        None,
        description="`memory`: answered when the primary of Redis has the task; a failover may take it back. `replica`: "
        "answered when a replica has it, too; what none has confirmed in time is answered 503 "
        "(`not-replicated`). Left out, the service's choice.",
    )

    @field_validator("eta")
    @classmethod
    def _is_the_only_start(cls, eta: datetime | None, info: ValidationInfo) -> datetime | None:
        if eta is not None and info.data.get("delay") is not None:
            raise ValueError("give delay or eta, not both")
        return eta

    @field_validator("debounce")
    @classmethod
    def _is_all_that_says_when(cls, debounce: DebounceKey | None, info: ValidationInfo) -> DebounceKey | None:
        others = [name for name in ("delay", "eta", "unique") if info.data.get(name) is not None]
        if debounce is not None and others:
            raise ValueError(f"says by itself when the task starts and that there is one; leave {' and '.join(others)} out")
        return debounce


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


class TaskView(TaskSummary):
    """Everything that is known of a task."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.VIEWS})

    form: Form = Field(description="How the payload is applied: `payload`, one value, or `call`, `args` and `kwargs`.")
    payload: Any
    result: Any = Field(description="What the function returned; null unless the task has succeeded.")
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
