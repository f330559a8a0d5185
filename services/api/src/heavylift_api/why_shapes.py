"""Why a task is where it is, as it crosses the wire."""

from typing import Any, Final, Self

from pydantic import ConfigDict, Field

from heavylift.explaining import Explanation, Obstacle
from heavylift.state import State
from heavylift_api import examples
from heavylift_api.queue_shapes import QueuePauseView
from heavylift_api.schemas import Moment, Shape

_TURN: Final[dict[str, Any]] = {
    "id": examples.ID,
    "state": "queued",
    "waits_for": "turn",
    "reason": "37 tasks are ahead of it in the queue default, and 4 run.",
    "since": "2026-01-31T12:00:00.000Z",
    "ahead": 37,
    "workers": 4,
    "scaling": "scaling from 2 to 4: 340 ready tasks of 0.8 s would wait 68 s, 30 s were promised, first new worker in about 8 s",
    "pause": None,
    "estimate": {
        "starts_at": "2026-01-31T12:00:12.400Z",
        "basis": "37 tasks ahead, 4 at a time, 0.8 s each on average",
    },
}


class Estimate(Shape):
    """When a task will probably start."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TURN["estimate"]]})

    starts_at: Moment
    basis: str = Field(description="What that is reckoned from.")


class Why(Shape):
    """Why a task is where it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TURN]})

    id: str
    state: State
    waits_for: Obstacle | None = Field(description="What is in the way of its start; null for one that has started or ended.")
    reason: str = Field(description="The same in a sentence.")
    since: Moment = Field(description="Since when that is so.")
    ahead: int | None = Field(
        description="Tasks that are ready in its queue and come first, counted to 1000; null where it has started or ended."
    )
    workers: int | None = Field(description="Children of workers that take such tasks now; null where it has started or ended.")
    scaling: str | None = Field(
        description="What the autoscaler decided about the workers of its queue, and why; null where there is none, or no matter."
    )
    pause: QueuePauseView | None = Field(
        description="The pause of its queue; null while the queue gives out what it has, or the task has started or ended."
    )
    estimate: Estimate | None = Field(description="When it will probably start; null where nobody can know, or it has.")

    @classmethod
    def of(cls, known: Explanation) -> Self:
        """As it was explained."""
        words = {
            name: getattr(known, name) for name in ("id", "state", "waits_for", "reason", "since", "ahead", "workers", "scaling")
        }
        return cls(
            **words,
            pause=QueuePauseView.of(known.pause) if known.pause else None,
            estimate=Estimate(starts_at=known.estimate.starts_at, basis=known.estimate.basis) if known.estimate else None,
        )
