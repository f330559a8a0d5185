"""What is asked for of schedules. Each is a generator of steps; its docstring is that of the clients."""

from collections.abc import Mapping
from typing import Any, Protocol

from heavylift.client.asks import Steps
from heavylift.client.values import Receipt, Schedule, ScheduleSummary


class Scheduling(Protocol):
    """Tasks that come again and again. ``tenant`` is None for the caller's own."""

    def schedules(self) -> Steps[tuple[ScheduleSummary, ...]]:
        """All schedules, by name."""

    def read_schedule(self, name: str, tenant: str | None) -> Steps[Schedule]:
        """One of them. Raises ScheduleUnknown."""

    def put_schedule(self, name: str, wanted: Mapping[str, Any], tenant: str | None, version: int | None) -> Steps[Schedule]:
        """Make one, or another of it. Raises ScheduleChanged, KindUnknown, PayloadUnfit, RequestInvalid."""

    def pause_schedule(self, name: str, tenant: str | None) -> Steps[Schedule]:
        """Let it rest. Raises ScheduleUnknown."""

    def resume_schedule(self, name: str, tenant: str | None) -> Steps[Schedule]:
        """Let it come again. Raises ScheduleUnknown."""

    def trigger_schedule(self, name: str, tenant: str | None) -> Steps[Receipt]:
        """A task of it now. Raises ScheduleUnknown."""

    def drop_schedule(self, name: str, tenant: str | None, version: int | None) -> Steps[Schedule]:
        """Drop it; its tasks stay. Raises ScheduleUnknown, ScheduleChanged."""
