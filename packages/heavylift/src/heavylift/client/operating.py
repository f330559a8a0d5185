"""What operators ask for. Each is a generator of steps; its docstring is that of the clients."""

from collections.abc import Mapping
from typing import Protocol

from heavylift.client.asks import Steps
from heavylift.client.filters import TaskFilter
from heavylift.client.values import AuditEntry, LiveOutcome, Page, Purge, Queue


class Operating(Protocol):
    """Acts of operators, and what was written down of them."""

    def cancel_tasks(self, wanted: TaskFilter, *, limit: int, dry_run: bool) -> Steps[LiveOutcome]:
        """Call off all that fit and have not ended."""

    def retry_tasks(self, wanted: TaskFilter, *, limit: int, dry_run: bool) -> Steps[LiveOutcome]:
        """Let all begin that fit and wait for their time."""

    def audit_page(self, wanted: Mapping[str, str], cursor: str | None) -> Steps[Page[AuditEntry]]:
        """What operators did, the latest first."""

    def queue_page(self, cursor: str | None) -> Steps[Page[Queue]]:
        """Queues by name, with what they hold."""

    def read_queue(self, name: str) -> Steps[Queue]:
        """One queue. Raises QueueUnknown."""

    def pause_queue(self, name: str, reason: str, expires_in: float | None) -> Steps[Queue]:
        """From now on nobody takes a task of it in hand. Raises QueueUnknown."""

    def resume_queue(self, name: str) -> Steps[Queue]:
        """Workers take from it again. Raises QueueUnknown."""

    def limit_queue(self, name: str, length: int | None) -> Steps[Queue]:
        """Only so many tasks may wait in it. Raises QueueUnknown."""

    def purge_queue(self, name: str, token: str | None) -> Steps[Purge]:
        """Without a token: what would be called off; with it, the next portion is. Raises QueueUnknown, PurgeOver."""
