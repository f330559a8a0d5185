"""Which tasks are meant."""

from dataclasses import dataclass, fields

from heavylift.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Tasks that fit everything that is given."""

    state: State | None = None
    kind: str | None = None
    queue: str | None = None
    tag: str | None = None
    batch: str | None = None

    @property
    def given(self) -> dict[str, str]:
        """What is given."""
        return {field.name: str(value) for field in fields(self) if (value := getattr(self, field.name)) is not None}
