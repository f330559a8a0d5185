"""The shapes of what followers of a batch are told, with an example of each."""

from pydantic import ConfigDict, Field

from heavylift.state import State
from heavylift_api import batch_examples as examples
from heavylift_api.batch_shapes import BatchView
from heavylift_api.schemas import Shape


class EndedEvent(Shape):
    """A task of the batch has ended; `event: ended`. One that is replayed ends once more."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.ENDED})

    id: str = Field(description="Of the task.")
    state: State
    href: str


class BatchEvent(Shape):
    """One event of a batch."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EVENT]})

    id: str | None = Field(description="How many ends have been told. null for `counts`, which are told as they are now.")
    event: str = Field(description="`ended`, `counts`, `end`.")
    data: EndedEvent | BatchView
