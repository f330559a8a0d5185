"""The shapes of schedules: what is asked for, and what is told."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from heavylift.record import Priority
from heavylift.schedule import Missed, Overlap
from heavylift_api import schedule_examples as examples
from heavylift_api.schemas import LONGEST_DELAY, Moment, QueueName, Seconds, Shape, Tag, Time


class ScheduleRequest(BaseModel):
    """A task that is to be submitted again and again. `kind` is needed, and one of `cron` and `every`."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.REQUESTS})

    kind: str = Field(min_length=1, max_length=255, description="Name of the kind of task, as in the catalogue.")
    payload: Any = Field(
        default_factory=dict,
        description="What each task works on: a JSON value that fits the kind's `payload_schema`. Kept as it was written.",
    )
    cron: str | None = Field(
        None,
        description="When it comes, in five fields: minute, hour, day of the month, month, day of the week; such as "
        "`0 9 * * MON-FRI`, 9:00 on workdays; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. Not with `every`.",
    )
    every: Seconds | None = Field(
        None,
        description="Seconds between its times, at least 1, counted from `start`, or else from the beginning of 1970.",
    )
    timezone: str = Field("UTC", max_length=64, description="Time zone in which `cron` is read, such as `Europe/Berlin`.")
    start: Time | None = Field(None, description="It does not come before that time, which is given with its offset from UTC.")
    end: Time | None = Field(None, description="It does not come after that time.")
    missed: Missed = Field(
        Missed.ONE,
        description="What becomes of times that pass while nothing can be submitted: `one` task for all of them, `skip` them if "
        "they are more than a minute ago, or `all`: a task for each of the last hundred.",
    )
    overlap: Overlap = Field(
        Overlap.ALLOW,
        description="What becomes of a time at which the task of an earlier one has not ended: `allow` another, or `skip` it.",
    )
    queue: QueueName | None = Field(None, description="Queue of its tasks, instead of the kind's.")
    priority: Priority | None = Field(None, description="Lane of the queue, instead of the kind's.")
    expires: Seconds | None = Field(
        None, gt=0, le=2 * LONGEST_DELAY, description="Seconds in which a task must have started; otherwise it ends as `expired`."
    )
    tags: tuple[Tag, ...] = Field(
        (), max_length=15, description="Words of yours to find its tasks by. They are found by `schedule:NAME`, too."
    )
    paused: bool = Field(False, strict=True, description="Whether it does not come until it is resumed.")


class ScheduledTask(Shape):
    """A task that a schedule has made, or that held the place of one."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.TASK]})

    id: str
    due: Moment | None = Field(description="The time that it is for; null where somebody triggered it.")
    at: Moment = Field(description="When it was submitted.")
    made: bool = Field(description="false where this task had not ended, and no other was made.")
    href: str


class ScheduleTimes(Shape):
    """Of how many of its times became what."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.TIMES]})

    made: int = Field(description="A task was made.")
    taken: int = Field(description="None was made, as that of an earlier one had not ended.")
    missed: int = Field(description="They passed unseen, and were not made up for.")


class ScheduleSummary(Shape):
    """A schedule as lists show it."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SUMMARY]})

    name: str
    tenant: str = Field(description="Whose it is, and its tasks are; empty for nobody's in particular.")
    kind: str
    queue: str | None
    priority: Priority | None
    expires: float | None
    tags: tuple[str, ...]
    cron: str | None
    every: float | None
    timezone: str
    start: Moment | None
    end: Moment | None
    missed: Missed
    overlap: Overlap
    paused: bool
    version: int = Field(description="Another after each change; a PUT or DELETE with it in `If-Match` changes no other version.")
    created_at: Moment
    changed_at: Moment
    next_at: Moment | None = Field(description="When it comes next; null where it is paused, or does not come again.")
    last_at: Moment | None = Field(description="The last of its times for which there is a task.")
    times: ScheduleTimes
    tasks: tuple[ScheduledTask, ...] = Field(description="The last five, the newest first.")
    links: dict[str, str] = Field(description="`self`, `tasks` (those that it has made), `trigger`.")


class ScheduleView(ScheduleSummary):
    """Everything that is known of a schedule."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.VIEW]})

    payload: Any
    redacted: bool = Field(description="Whether `payload` is held back, as the key lacks the scope `payload`.")
    next_times: tuple[Moment, ...] = Field(description="Its next five times.")


class ScheduleList(Shape):
    """Schedules, by name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"schedules": [examples.SUMMARY]}]})

    schedules: tuple[ScheduleSummary, ...]
