"""The shapes of what is done with many tasks that have not ended."""

from typing import Final, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from heavylift.state import State
from heavylift_api import live_task_examples as examples
from heavylift_api.schemas import Shape, TaskFilter, WholeNumber

MOST: Final = 100_000  #: Tasks that one request treats at most.


class LiveTasks(TaskFilter):
    """Tasks that something is to be done with."""

    all: bool = Field(False, strict=True, description="Whether all of them are meant, where no filter is given.")
    limit: WholeNumber = Field(MOST, ge=1, le=MOST, description="Tasks at most, the newest of each state.")
    dry_run: bool = Field(False, strict=True, description="Whether only to say how many there are, and some of their ids.")

    @field_validator("all")
    @classmethod
    def _is_not_meant_beside_a_filter(cls, value: bool, info: ValidationInfo) -> bool:
        if value and any(info.data.get(name) is not None for name in (*TaskFilter.model_fields, "state")):
            raise ValueError("is meant where no filter is given; leave it out, or the filter")
        return value


class CancelRequest(LiveTasks):
    """Which tasks to call off."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.CANCELS})

    state: Literal["scheduled", "queued", "running"] | None = Field(None, description="Only tasks in this state.")


class RetryRequest(LiveTasks):
    """Which tasks to let begin that wait for their time."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.RETRIES})

    state: Literal["scheduled"] | None = Field(
        None, description="Only tasks in this state, which are all that wait for their time."
    )


class LiveOutcome(Shape):
    """What came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.OUTCOMES})

    matched: int = Field(description="Tasks that fit, up to the limit.")
    changed: int = Field(description="Those of them with which something was done; 0 in a dry run.")
    states: dict[State, int] = Field(
        description="Of these, how many are in which state now; those that are `running` were asked to end."
    )
    dry_run: bool
    more: bool = Field(description="Whether the limit was reached, so that there may be others that fit.")
    sample: tuple[str, ...] = Field(description="Ids of the first that fit.")
