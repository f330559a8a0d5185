"""Where in the story of a task an event is."""

import re
from dataclasses import dataclass
from typing import Final, Self

PLACE_PATTERN: Final = r"[0-9]{1,15}(\.[0-9]{1,15}){1,3}"  #: What the text of a place looks like.

_TEXT: Final = re.compile(PLACE_PATTERN)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The run of the task (its fence), the step in it (below), the line of its log, and a number among what follows that line.

    Later events have higher places: fences rise with every run, over retries, deaths and replays, and steps follow each other.
    """

    run: int
    step: int
    line: int = 0
    part: int = 0

    def __str__(self) -> str:
        parts = (self.run, self.step, self.line, self.part)
        shown = 4 if self.part else 3 if self.line else 2
        return ".".join(map(str, parts[:shown]))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The place of this text; None when it is the text of none."""
        return cls(*map(int, text.split("."))) if _TEXT.fullmatch(text) else None


# The steps of a run. Run 0 is the time before the first one.
BEGUN: Final = 0  #: It runs; in run 0, it was submitted.
SAID: Final = 1  #: What it says while it runs.
LEFT: Final = 2  #: The attempt is over, and another follows.
DUE: Final = 3  #: The time of that one has come.
ENDED: Final = 4
REPLAYED: Final = 5
DUE_AGAIN: Final = 6  #: The time of the replay has come.
ENDED_AGAIN: Final = 7  #: It was called off after the replay, before it ran.

BEGINNING: Final = Place(-1, 0)  #: Before everything.
