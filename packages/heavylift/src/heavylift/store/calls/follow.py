"""What those who follow a task are told of it is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from heavylift.history import PastAttempt
from heavylift.record import from_ms, read_json
from heavylift.state import State
from heavylift.store.calls.call import Call, Limits
from heavylift.story import LogPortion, Told

PORTIONS: Final = 16  #: Of a log, in one answer.

_FIELDS: Final = (
    "state",
    "attempt",
    "fence",
    "submitted_at",
    "first_due_at",
    "queued_at",
    "started_at",
    "ended_at",
    "progress",
    "progress_at",
    "tenant",
)


@dataclass(frozen=True, slots=True)
class Follow(Call[Told | None]):
    """All that there is to tell of a task within ``reach``.

    With ``watch``, the name of a channel, each change until its end is told there. Of its log those portions come that end behind
    ``log_after``, a run and a line of it, not all at once.
    """

    script = "follow"
    repeatable = True
    id: str
    watch: str = ""
    log_after: tuple[int, int] = (0, 0)
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, self.watch, _stream_id(self.log_after), str(PORTIONS), *_FIELDS]

    def parse(self, reply: Any) -> Told | None:
        if not reply:
            return None
        values, history, log = reply
        raw = {name: value for name, value in zip(_FIELDS, values, strict=True) if value is not None}
        if self.reach not in (None, raw.get("tenant", "")):
            return None
        return Told(
            state=State(raw["state"]),
            attempt=int(raw["attempt"]),
            fence=int(raw["fence"]),
            submitted_at=from_ms(int(raw["submitted_at"])),
            first_due_at=_moment(raw.get("first_due_at")),
            queued_at=_moment(raw.get("queued_at")),
            started_at=_moment(raw.get("started_at")),
            ended_at=_moment(raw.get("ended_at")),
            progress=read_json(raw["progress"]) if "progress" in raw else None,
            progress_at=_place(raw.get("progress_at")),
            history=tuple(PastAttempt.from_json(entry) for entry in history),
            log=_portions(log),
            more=len(log) == PORTIONS,
        )


@dataclass(frozen=True, slots=True)
class ReadLog(Call[tuple[LogPortion, ...] | None]):
    """Portions of the log of a task that end behind a run and a line of it; None where there is no such task."""

    script = "log"
    repeatable = True
    id: str
    after: tuple[int, int] = (0, 0)

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, _stream_id(self.after), str(PORTIONS)]

    def parse(self, reply: Any) -> tuple[LogPortion, ...] | None:
        return _portions(reply[0]) if reply else None


def _portions(log: Any) -> tuple[LogPortion, ...]:
    return tuple(LogPortion.read(int(place.split("-")[0]), text) for place, text in log)


def _stream_id(place: tuple[int, int]) -> str:
    return "-".join(map(str, place))


def _moment(text: str | None) -> datetime | None:
    return from_ms(int(text)) if text else None


def _place(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    run, line, number = map(int, text.split("-"))
    return run, line, number
