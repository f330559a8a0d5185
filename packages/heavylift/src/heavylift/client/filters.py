"""Which tasks are meant."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypedDict

from heavylift.client.errors import faulty
from heavylift.faults import Fault
from heavylift.state import State


class WhichTasks(TypedDict, total=False):
    """Which tasks: those that fit everything that is given. ``submitted_after`` counts, ``submitted_before`` does not.

    ``tenant`` is for administrators of none.
    """

    state: State | str | None
    kind: str | None
    queue: str | None
    tag: str | None
    batch: str | None
    submitted_after: datetime | None
    submitted_before: datetime | None
    tenant: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Tasks that fit everything that is given. ``submitted_after`` counts, ``submitted_before`` does not."""

    state: State | None = None
    kind: str | None = None
    queue: str | None = None
    tag: str | None = None
    batch: str | None = None
    submitted_after: datetime | None = None
    submitted_before: datetime | None = None
    tenant: str | None = None  #: '' for tasks of nobody in particular.

    @property
    def given(self) -> dict[str, Any]:
        """What is given."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}

    @property
    def members(self) -> dict[str, str]:
        """The same as text."""
        return {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in self.given.items()}


def tasks_that_fit(which: WhichTasks) -> TaskFilter:
    """The filter that is meant. Raises RequestInvalid."""
    state = which.get("state")
    if state is not None and state not in set(State):
        raise faulty([Fault("state", f"is one of {', '.join(State)}")])
    known: dict[str, Any] = {**which, "state": None if state is None else State(state)}
    return TaskFilter(**known)


def check_meant(given: object, *, everything: bool) -> None:
    """Raise RequestInvalid unless there is either a filter or the word that all are meant."""
    if everything == bool(given):
        raise faulty([Fault("all", "is said where no filter is given, and only there: nothing must not mean everything")])
