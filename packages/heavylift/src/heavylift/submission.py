"""A task as it is asked for, over HTTP or of the store itself: its fields, and what they may say. Pure."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from heavylift.faults import Fault
from heavylift.idempotency import Debounce, Scope, Unique, While
from heavylift.record import Durability, Priority

SUBMISSION_EXAMPLES: Final[list[Any]] = [
    {"kind": "images.thumbnail", "payload": {"source": "photo.jpg", "width": 320}, "tags": ["customer-42"]},
    {"kind": "mail.welcome", "payload": {"to": "ada@example.com"}, "delay": 600, "priority": "low"},
    {
        "kind": "images.thumbnail",
        "payload": {"source": "photo.jpg", "width": 320},
        "unique": {"key": "photo.jpg", "while": "queued"},
    },
    {
        "kind": "search.index",
        "payload": {"document": 42},
        "debounce": {"key": "document-42", "seconds": 5, "max_wait": 60},
    },
]

DEBOUNCE_EXAMPLES: Final[list[Any]] = [{"key": "document-42", "seconds": 5, "max_wait": 60}]

UNIQUE_EXAMPLES: Final[list[Any]] = [{"key": "photo.jpg", "while": "running"}, {"key": "customer-42", "while": "ttl", "ttl": 600}]

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


def _read_id(value: object) -> str:
    if not isinstance(value, str) or not _UUID7.fullmatch(value):
        raise ValueError("is a UUID of version 7, such as 01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42")
    return value.lower()


def _read_whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


TaskId = Annotated[
    str, BeforeValidator(_read_id), WithJsonSchema({"type": "string", "format": "uuid", "pattern": _UUID7.pattern})
]  #: In its usual form.
Time = Annotated[datetime, BeforeValidator(_read_time)]  #: A time that is given, with its offset from UTC.
Seconds = Annotated[float, Field(strict=True, allow_inf_nan=False)]  #: A JSON number: "5" and true are none.
#: Around the bounds of a strict integer, so that they are in its schema: 5.0 is a whole number, too, as in JSON Schema.
AS_WHOLE: Final = BeforeValidator(_read_whole)
WholeNumber = Annotated[int, Field(strict=True), AS_WHOLE]  #: A JSON number without a fraction.
Tag = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
QueueName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]


class UniqueKey(BaseModel):
    """A task of which there is to be one at a time, by a key of yours."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": UNIQUE_EXAMPLES})

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

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": DEBOUNCE_EXAMPLES})

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
        json_schema_extra={"examples": SUBMISSION_EXAMPLES},
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


def unique_of(submission: TaskSubmission, tenant: str) -> Unique | None:
    """What the store is to know of the unique key of a task: it counts within its kind and its tenant."""
    asked = submission.unique
    if asked is None:
        return None
    return Unique(Scope(f"kind {submission.kind}", tenant).name(asked.key), asked.held_while, asked.ttl or 0.0)


def debounce_of(submission: TaskSubmission, queue: str, tenant: str) -> Debounce | None:
    """What the store is to know of the key of a task that is debounced: it counts within its kind, its queue and its tenant."""
    asked = submission.debounce
    if asked is None:
        return None
    return Debounce(Scope(f"debounce {submission.kind} in {queue}", tenant).name(asked.key), asked.seconds, asked.max_wait)


def fault_of_times(submission: TaskSubmission, now: datetime, expires_at: datetime | None, tolerance: timedelta) -> Fault | None:
    """What is wrong with a start that has passed, that is too far off, or that lies after the expiry; None where nothing is."""
    eta = submission.eta
    if eta is not None and eta < now - tolerance:
        return Fault("eta", f"is past: now is {now.isoformat(timespec='seconds')}; leave it out to start at once")
    if eta is not None and eta > now + timedelta(seconds=LONGEST_DELAY):
        return Fault("eta", f"is more than {LONGEST_DELAY // 86_400} days away")
    quiet = submission.debounce.seconds if submission.debounce else 0
    start = eta or now + timedelta(seconds=submission.delay or quiet)
    if expires_at is not None and expires_at <= start:
        return Fault("expires", "counts from the submission and ends before the task may start; make it longer than the delay")
    return None
