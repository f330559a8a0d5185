"""The shapes of steering: what a person asks for of a pool of workers."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from heavylift_api import autoscaling_examples as examples
from heavylift_api.autoscaling_shapes import SteeringView
from heavylift_api.schemas import Seconds, Shape, WholeNumber

LONGEST: Final = 7 * 86_400  #: Seconds. What is to hold for longer belongs into the settings.


class FreezeRequest(BaseModel):
    """For how long a pool is to stay as it is, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.FREEZES})

    expires_in: Seconds = Field(ge=1, le=LONGEST, description="Seconds after which the autoscaler decides again, a week at most.")
    reason: str = Field(
        "", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="Why, for those who read it in the decisions."
    )


class OverrideRequest(FreezeRequest):
    """How many pods a pool is to have, for how long, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.OVERRIDES})

    replicas: WholeNumber = Field(ge=0, le=100_000, description="Pods that there are to be, within the bounds of the pool.")


class SteeredPools(Shape):
    """What is wanted of these pools from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.STEERED_POOLS})

    pools: tuple[str, ...]
    steering: SteeringView | None = Field(description="null: nothing any more; the autoscaler decides.")
    effect: str = Field(description="What comes of it, in one sentence; also where that is nothing.")
