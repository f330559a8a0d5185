"""What a client asks for, asked of the API."""

from collections.abc import Sequence
from typing import Any, Final

from heavylift.client.asks import Steps
from heavylift.client.filters import TaskFilter
from heavylift.client.http.asking import page_of, part, trace, written
from heavylift.client.http.exchange import ask
from heavylift.client.http.following import BATCH, TASK, HttpFollowing
from heavylift.client.http.message import JSON, Answer, Request
from heavylift.client.http.operating import HttpOperating
from heavylift.client.http.problems import value_of
from heavylift.client.http.reading import read, read_batch_receipt, read_page, read_receipt
from heavylift.client.http.scheduling import HttpScheduling
from heavylift.client.item import Item
from heavylift.client.values import (
    Attempt,
    BatchCancelled,
    BatchEvent,
    BatchReceipt,
    BatchState,
    BulkOutcome,
    DeadFilter,
    DeadGroups,
    KeyInfo,
    KindInfo,
    LogEvent,
    MadeKey,
    Page,
    Receipt,
    ScalingState,
    Task,
    TaskEvent,
    TaskSummary,
    Why,
    Worker,
)

LONGEST_WAIT: Final = 30.0  #: Seconds of one question that waits: below every proxy's idle timeout that we know of.


class HttpOperations(HttpOperating, HttpScheduling):
    """Asks the API at one address."""

    def submit(self, item: Item, idempotency_key: str) -> Steps[Receipt]:
        headers = JSON | _key(idempotency_key) | trace()
        answer = yield from ask(Request("POST", "/v1/tasks", headers=headers, body=written(item.members())), self._terms)
        return read_receipt(value_of(answer), replayed=_is_replayed(answer))

    def submit_batch(self, items: Sequence[Item], idempotency_key: str, *, atomic: bool) -> Steps[BatchReceipt]:
        headers = {"Content-Type": "application/x-ndjson"} | _key(idempotency_key) | trace()
        body = b"\n".join(written(item.members()) for item in items)
        query = {"atomic": "true"} if atomic else {}
        answer = yield from ask(Request("POST", "/v1/batches", query, headers, body), self._terms)
        return read_batch_receipt(value_of(answer), replayed=_is_replayed(answer))

    def read(self, id: str) -> Steps[Task]:  # noqa: A002
        return (yield from self._get(Task, _task(id)))

    def wait_for(self, id: str, seconds: float) -> Steps[Task]:  # noqa: A002
        return (yield from self._get(Task, _task(id), wait=min(seconds, LONGEST_WAIT)))

    def result_of(self, id: str) -> Steps[Any]:  # noqa: A002
        return (yield from self._value(Request("GET", f"{_task(id)}/result", follows=True)))

    def follow(self, id: str, after: str | None) -> HttpFollowing[TaskEvent]:  # noqa: A002
        return HttpFollowing(TASK, f"{_task(id)}/events", after, trace(), self._terms)

    def log_page(self, id: str, after: str | None, level: str) -> Steps[Page[LogEvent]]:  # noqa: A002
        last = {} if after is None else {"after": after}
        raw = yield from self._value(Request("GET", f"{_task(id)}/logs", {"level": level, "limit": "1000"} | last))
        return Page(tuple(read(LogEvent, line) for line in raw["lines"]), raw["after"] if raw["more"] else None)

    def why(self, id: str) -> Steps[Why]:  # noqa: A002
        return (yield from self._get(Why, f"{_task(id)}/why"))

    def attempts(self, id: str) -> Steps[tuple[Attempt, ...]]:  # noqa: A002
        raw = yield from self._value(Request("GET", f"{_task(id)}/attempts"))
        return tuple(read(Attempt, attempt) for attempt in raw["attempts"])

    def cancel(self, id: str) -> Steps[Task]:  # noqa: A002
        return (yield from self._change(Task, "POST", f"{_task(id)}/cancel", repeatable=True))

    def retry(self, id: str) -> Steps[Task]:  # noqa: A002
        return (yield from self._change(Task, "POST", f"{_task(id)}/retry"))

    def replay(self, id: str, edited: tuple[Any, ...]) -> Steps[Task]:  # noqa: A002
        body = {"payload": edited[0]} if edited else None
        return (yield from self._change(Task, "POST", f"{_task(id)}/replay", body))

    def discard(self, id: str) -> Steps[Task]:  # noqa: A002
        return (yield from self._change(Task, "DELETE", f"/v1/dead-letters/{part(id)}"))

    def task_page(self, filters: TaskFilter, cursor: str | None) -> Steps[Page[TaskSummary]]:
        raw = yield from self._value(Request("GET", "/v1/tasks", page_of(filters.members, cursor)))
        return read_page(TaskSummary, raw, "tasks")

    def read_batch(self, id: str) -> Steps[BatchState]:  # noqa: A002
        return (yield from self._get(BatchState, _batch(id)))

    def wait_for_batch(self, id: str, seconds: float) -> Steps[BatchState]:  # noqa: A002
        return (yield from self._get(BatchState, _batch(id), wait=min(seconds, LONGEST_WAIT)))

    def follow_batch(self, id: str, after: str | None) -> HttpFollowing[BatchEvent]:  # noqa: A002
        return HttpFollowing(BATCH, f"{_batch(id)}/events", after, trace(), self._terms)

    def cancel_batch(self, id: str) -> Steps[BatchCancelled]:  # noqa: A002
        return (yield from self._change(BatchCancelled, "POST", f"{_batch(id)}/cancel", repeatable=True))

    def catalogue(self) -> Steps[tuple[KindInfo, ...]]:
        raw = yield from self._value(Request("GET", "/v1/catalogue"))
        return tuple(read(KindInfo, kind) for kind in raw["kinds"])

    def kind(self, name: str) -> Steps[KindInfo]:
        return (yield from self._get(KindInfo, f"/v1/catalogue/{part(name)}"))

    def dead_page(self, wanted: DeadFilter, cursor: str | None) -> Steps[Page[TaskSummary]]:
        raw = yield from self._value(Request("GET", "/v1/dead-letters", page_of(_dead(wanted), cursor)))
        return read_page(TaskSummary, raw, "tasks")

    def dead_groups(self, wanted: DeadFilter, limit: int) -> Steps[DeadGroups]:
        raw = yield from self._value(Request("GET", "/v1/dead-letters/groups", _dead(wanted) | {"limit": str(limit)}))
        return read(DeadGroups, raw)

    def replay_dead(self, wanted: DeadFilter, *, limit: int, rate: float | None, dry_run: bool) -> Steps[BulkOutcome]:
        at_rate = {} if rate is None else {"rate": rate}
        body = _bulk(wanted, limit=limit, dry_run=dry_run) | at_rate
        return (yield from self._change(BulkOutcome, "POST", "/v1/dead-letters/replay", body))

    def discard_dead(self, wanted: DeadFilter, *, limit: int, dry_run: bool) -> Steps[BulkOutcome]:
        body = _bulk(wanted, limit=limit, dry_run=dry_run)
        return (yield from self._change(BulkOutcome, "POST", "/v1/dead-letters/discard", body))

    def worker_page(self, cursor: str | None) -> Steps[Page[Worker]]:
        return read_page(Worker, (yield from self._value(Request("GET", "/v1/workers", page_of({}, cursor)))), "workers")

    def scaling(self) -> Steps[ScalingState]:
        return (yield from self._get(ScalingState, "/v1/autoscaling"))

    def list_keys(self) -> Steps[tuple[KeyInfo, ...]]:
        raw = yield from self._value(Request("GET", "/v1/keys"))
        return tuple(read(KeyInfo, key) for key in raw["keys"])

    def create_key(self, name: str, scopes: Sequence[str], *, tenant: str | None, expires_in: float | None) -> Steps[MadeKey]:
        asked = {"name": name, "scopes": list(scopes), "tenant": tenant, "expires_in": expires_in}
        return (yield from self._change(MadeKey, "POST", "/v1/keys", asked))

    def rotate_key(self, id: str, grace: float) -> Steps[MadeKey]:  # noqa: A002
        return (yield from self._change(MadeKey, "POST", f"/v1/keys/{part(id)}/rotate", {"grace": grace}))

    def revoke_key(self, id: str) -> Steps[KeyInfo]:  # noqa: A002
        return (yield from self._change(KeyInfo, "DELETE", f"/v1/keys/{part(id)}", repeatable=True))


def _task(id_: str) -> str:
    return f"/v1/tasks/{part(id_)}"


def _batch(id_: str) -> str:
    return f"/v1/batches/{part(id_)}"


def _key(key: str) -> dict[str, str]:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return {"Idempotency-Key": f'"{escaped}"'}


def _is_replayed(answer: Answer) -> bool:
    return answer.headers.get("idempotency-replayed") == "true"


def _dead(wanted: DeadFilter) -> dict[str, str]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else str(value) for name, value in wanted.given.items()}


def _bulk(wanted: DeadFilter, *, limit: int, dry_run: bool) -> dict[str, Any]:
    meant: dict[str, Any] = {**_dead(wanted)}
    return {**(meant or {"all": True}), "limit": limit, "dry_run": dry_run}
