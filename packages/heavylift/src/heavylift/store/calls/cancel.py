"""Somebody calls a task off."""

from dataclasses import dataclass
from typing import Any

from heavylift.state import State
from heavylift.store.calls.call import Call, Limits, keeping, reach_text


@dataclass(frozen=True, slots=True)
class CancelReply:
    """The state that the task is in now; ``changed`` is False when it had ended or was being cancelled already."""

    state: State
    changed: bool


@dataclass(frozen=True, slots=True)
class Cancel(Call[CancelReply | None]):
    """scheduled | queued → cancelled; a running task is asked to end. None when there is no such task within ``reach``."""

    script = "cancel"
    id: str
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:
        return [self.id, reach_text(self.reach), *keeping(limits)]

    def parse(self, reply: Any) -> CancelReply | None:
        return None if reply is None else CancelReply(State(reply[0]), bool(reply[1]))
