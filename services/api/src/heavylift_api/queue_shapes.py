"""The shapes of queues as they cross the wire."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from heavylift.store.calls import Pulse, QueuePause
from heavylift_api import queue_examples as examples
from heavylift_api.schemas import AS_WHOLE, LONGEST_DELAY, Moment, Seconds, Shape


class QueuePauseRequest(BaseModel):
    """On which terms a queue is paused. An empty body is all right, too."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.PAUSE_REQUESTS})

    reason: str = Field(
        "", max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$", description="What people are told who ask why their tasks wait."
    )
    expires_in: Seconds | None = Field(
        None,
        gt=0,
        le=LONGEST_DELAY,
        description="Seconds after which it ends by itself. Left out: when somebody resumes the queue.",
    )


class QueueLimitRequest(BaseModel):
    """How many tasks may wait in a queue."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.LIMIT_REQUESTS})

    length: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000), AS_WHOLE] | None = Field(
        description="Tasks that may wait, for their time or for a worker; 0: none is taken in. null: as many as in any "
        "other queue (`HEAVYLIFT_STORE_QUEUE_LENGTH`).",
    )


class QueuePurgeRequest(BaseModel):
    """Whether a purge is only asked about, or confirmed. An empty body is all right, too."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.PURGE_REQUESTS})

    token: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="The `token` of the answer that said how many tasks would go. Without it nothing is changed.",
    )


class QueuePurgeView(Shape):
    """What a purge would do, or has done."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.PURGES})

    queue: str
    waiting: int = Field(description="Tasks that waited when it was asked about.")
    cancelled: int = Field(description="Those that this request has called off; fewer, where some began or ended meanwhile.")
    more: bool = Field(description="Whether there are more to call off: repeat the request, with the token.")
    token: str | None = Field(description="Confirms it: send it to the same address. null where it was confirmed.")
    expires_at: Moment | None = Field(description="Until when the token is good.")

    @property
    def changed(self) -> int:
        """How many tasks, as the log of what operators did tells it."""
        return self.cancelled


class QueueQuery(BaseModel):
    """Which queues to list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Queues on one page at most.")
    cursor: str = Field("", max_length=255, description="The `cursor` of the page before.")


class QueuePauseView(Shape):
    """Somebody has paused a queue: it takes tasks and gives none out."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAUSE]})

    since: Moment
    until: Moment | None = Field(description="When it ends by itself; null: when somebody resumes the queue.")
    by: str = Field(description="Id of the key that asked for it; empty where no key was asked for.")
    reason: str

    @classmethod
    def of(cls, pause: QueuePause) -> Self:
        """As the store knows it."""
        return cls(since=pause.since, until=pause.ends_at, by=pause.by, reason=pause.reason)


class QueueRate(Shape):
    """How fast a queue moves."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RATE]})

    came: float = Field(description="Tasks that came into it per second: submissions and replays.")
    ended: float = Field(description="Tasks of it that ended per second, in whatever way.")
    over: float = Field(description="In the last so many seconds.")

    @classmethod
    def of(cls, pulse: Pulse) -> Self:
        """As the store knows it."""
        return cls(came=pulse.came, ended=pulse.ended, over=pulse.over)


class QueueView(Shape):
    """A queue as it is now."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.QUEUE]})

    name: str
    ready: int = Field(description="Tasks that wait for a worker.")
    running: int
    scheduled: int = Field(description="Tasks that wait for their time: submitted for later, or to be tried again.")
    oldest_age: float = Field(description="Seconds that the oldest ready task has waited; 0 when none is ready.")
    workers: int = Field(description="Children of workers that take tasks from it now.")
    limit: int | None = Field(description="Tasks that may wait in it, ready and scheduled; null: any number.")
    pause: QueuePauseView | None = Field(description="null while it gives out what it has.")
    rate: QueueRate | None = Field(description="null where nobody has looked before.")
    links: dict[str, str] = Field(description="`self`, `tasks`, `pause`, `resume`, `limit`, `purge`.")


class QueuePageView(Shape):
    """Queues, by name."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.PAGES})

    queues: tuple[QueueView, ...]
    cursor: str | None = Field(description="Give it as `cursor` for the next page; null when this is the last.")
    next: str | None = Field(description="The next page; null when this is the last.")
