"""A task comes in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heavylift.idempotency import IdempotencyKey, Unique
from heavylift.record import Accepted, Durability, Standing, Submission, from_ms
from heavylift.state import State
from heavylift.store.calls.call import Call, Limits, milliseconds, moment_text


@dataclass(frozen=True, slots=True)
class Submit(Call[tuple[Accepted, ...]]):
    """(nothing) → scheduled | queued, for each task. A known id is left as it is and answered so; what is asked for again
    under its idempotency key is answered as the first time, and what is unique with the task that holds its key.

    With durability ``replica`` it raises NotReplicated when no replica has confirmed all of it in time, what was known too.
    """

    script = "submit"
    repeatable = True
    grows = True
    tasks: tuple[Submission, ...]
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:
        arguments = [str(limits.index_limit), self.durability]
        for task in self.tasks:
            arguments += (
                task.id,
                task.kind,
                task.queue,
                task.priority,
                task.form,
                task.payload,
                "" if task.delay is None else str(milliseconds(task.delay)),
                moment_text(task.eta),
                moment_text(task.expires_at),
                json.dumps(task.tags),
                str(task.max_attempts),
                task.traceparent,
                task.headers,
                task.executor,
                task.tenant,
                _terms(task),
            )
        return arguments

    def parse(self, reply: Any) -> tuple[Accepted, ...]:
        return tuple(_accepted(row, task) for task, row in zip(self.tasks, reply, strict=True))


@dataclass(frozen=True, slots=True)
class FindAnswer(Call[Accepted | None]):
    """What was answered to a request that came before under this key; None when there was none.

    For a request that is about to be refused. With durability ``replica`` it raises NotReplicated as ``Submit`` does.
    """

    script = "find_answer"
    repeatable = True
    key: IdempotencyKey
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.durability, json.dumps(key_terms(self.key))]

    def parse(self, reply: Any) -> Accepted | None:
        return _accepted(reply) if reply else None


def _terms(task: Submission) -> str:
    """What seldom comes with a task, '' where nothing does: then the script looks no further."""
    terms: dict[str, Any] = {} if task.idempotency_key is None else key_terms(task.idempotency_key)
    if task.unique is not None:
        terms["unique"] = _unique_terms(task.unique)
    if task.item is not None:
        terms["item"] = {"batch": task.item.batch, "number": task.item.number}
    return json.dumps(terms) if terms else ""


def _unique_terms(unique: Unique) -> dict[str, Any]:
    return {"name": unique.name, "held_while": unique.held_while, "ttl_ms": milliseconds(unique.ttl)}


def key_terms(key: IdempotencyKey) -> dict[str, Any]:
    """An idempotency key as the scripts take it."""
    return {"key": key.name, "fingerprint": key.fingerprint, "keep_ms": milliseconds(key.keep)}


def _accepted(row: Sequence[Any], task: Submission | None = None) -> Accepted:
    """The meaning of what a script says of one task; it says more of one that another submission has made."""
    state, at, standing, *known = row
    told = known if task is None or known else (task.id, task.kind, task.queue, task.traceparent, 0)
    id_, kind, queue, traceparent, existing = told
    return Accepted(
        id=id_,
        kind=kind,
        queue=queue,
        state=State(state),
        submitted_at=from_ms(int(at)),
        traceparent=traceparent,
        standing=Standing(standing),
        existing=bool(existing),
    )
