"""What operators ask for, asked of the API."""

from collections.abc import Mapping
from typing import Any

from heavylift.client.asks import Steps
from heavylift.client.filters import TaskFilter
from heavylift.client.http.asking import HttpAsking, page_of, part
from heavylift.client.http.message import Request
from heavylift.client.http.reading import read_page
from heavylift.client.values import AuditEntry, LiveOutcome, Page, Purge, Queue


class HttpOperating(HttpAsking):
    """Acts of operators, and what was written down of them."""

    def cancel_tasks(self, wanted: TaskFilter, *, limit: int, dry_run: bool) -> Steps[LiveOutcome]:
        return self._treat("cancel", wanted, limit=limit, dry_run=dry_run)

    def retry_tasks(self, wanted: TaskFilter, *, limit: int, dry_run: bool) -> Steps[LiveOutcome]:
        return self._treat("retry", wanted, limit=limit, dry_run=dry_run)

    def audit_page(self, wanted: Mapping[str, str], cursor: str | None) -> Steps[Page[AuditEntry]]:
        raw = yield from self._value(Request("GET", "/v1/audit", page_of(wanted, cursor)))
        return read_page(AuditEntry, raw, "entries")

    def queue_page(self, cursor: str | None) -> Steps[Page[Queue]]:
        return read_page(Queue, (yield from self._value(Request("GET", "/v1/queues", page_of({}, cursor)))), "queues")

    def read_queue(self, name: str) -> Steps[Queue]:
        return (yield from self._get(Queue, _queue(name)))

    def pause_queue(self, name: str, reason: str, expires_in: float | None) -> Steps[Queue]:
        ends = {} if expires_in is None else {"expires_in": expires_in}
        body = {"reason": reason, **ends}
        return (yield from self._change(Queue, "POST", f"{_queue(name)}/pause", body, repeatable=True))

    def resume_queue(self, name: str) -> Steps[Queue]:
        return (yield from self._change(Queue, "POST", f"{_queue(name)}/resume", repeatable=True))

    def limit_queue(self, name: str, length: int | None) -> Steps[Queue]:
        return (yield from self._change(Queue, "PUT", f"{_queue(name)}/limit", {"length": length}, repeatable=True))

    def purge_queue(self, name: str, token: str | None) -> Steps[Purge]:
        body = None if token is None else {"token": token}
        return (yield from self._change(Purge, "POST", f"{_queue(name)}/purge", body, repeatable=True))

    def _treat(self, verb: str, wanted: TaskFilter, *, limit: int, dry_run: bool) -> Steps[LiveOutcome]:
        body: dict[str, Any] = {**(wanted.members or {"all": True}), "limit": limit, "dry_run": dry_run}
        # Asked for again, one with a limit would take as many others.
        return (yield from self._change(LiveOutcome, "POST", f"/v1/tasks/{verb}", body, repeatable=dry_run))


def _queue(name: str) -> str:
    return f"/v1/queues/{part(name)}"
