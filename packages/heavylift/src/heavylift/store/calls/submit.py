"""A task comes in."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from heavylift.errors import QueueFull
from heavylift.idempotency import Debounce, IdempotencyKey, Unique
from heavylift.record import Accepted, Durability, Room, Standing, Submission, from_ms
from heavylift.state import State
from heavylift.store.calls.call import Call, Limits, milliseconds, moment_text
from heavylift.store.calls.queues import BEAT, usual_limit

#: Seconds after which to ask again, where a queue is full: at least, at most, and where nobody knows how fast it moves.
SHORTEST: Final = 1.0
LONGEST: Final = 60.0
UNKNOWN: Final = 5.0


@dataclass(frozen=True, slots=True)
class Submit(Call[tuple[Accepted, ...]]):
    """(nothing) → scheduled | queued, for each task. A known id is left as it is and answered so; what is asked for again
    under its idempotency key is answered as the first time, and what is unique with the task that holds its key. What is
    debounced is taken on by the task that waits for its key.

    Raises QueueFull where a queue has no room for all that are new, and none is recorded then. With durability ``replica`` it
    raises NotReplicated when no replica has confirmed all of it in time, what was known too.
    """

    script = "submit"
    repeatable = True
    grows = True
    tasks: tuple[Submission, ...]
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:
        return _arguments(self.tasks, self.durability, limits, whole=True)

    def parse(self, reply: Any) -> tuple[Accepted, ...]:
        if "refused" in reply:
            raise _full(reply)
        return tuple(_accepted(row, task) for task, row in zip(self.tasks, reply, strict=True))


@dataclass(frozen=True, slots=True)
class SubmitEach(Call[tuple[Accepted | QueueFull, ...]]):
    """The same for each task by itself: those for which there is room are recorded, for each other the answer is why not."""

    script = "submit"
    repeatable = True
    grows = True
    tasks: tuple[Submission, ...]
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:
        return _arguments(self.tasks, self.durability, limits, whole=False)

    def parse(self, reply: Any) -> tuple[Accepted | QueueFull, ...]:
        rows = zip(self.tasks, reply, strict=True)
        return tuple(_full(row) if row[2] == "refused" else _accepted(row, task) for task, row in rows)


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


def _arguments(tasks: Sequence[Submission], durability: Durability, limits: Limits, *, whole: bool) -> list[str]:
    beat = str(milliseconds(BEAT))
    arguments = [str(limits.index_limit), durability, usual_limit(limits), str(int(whole)), beat]
    for task in tasks:
        arguments += (
            task.id,
            task.kind,
            task.queue,
            task.priority,
            task.form,
            task.payload,
            _delay(task),
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


def _terms(task: Submission) -> str:
    """What seldom comes with a task, '' where nothing does: then the script looks no further."""
    terms: dict[str, Any] = {} if task.idempotency_key is None else key_terms(task.idempotency_key)
    if task.unique is not None:
        terms["unique"] = _unique_terms(task.unique)
    if task.item is not None:
        terms["item"] = {"batch": task.item.batch, "number": task.item.number}
    if task.debounce is not None:
        terms["debounce"] = _debounce_terms(task.debounce)
    if task.onward:
        terms["onward"] = True
    return json.dumps(terms) if terms else ""


def _delay(task: Submission) -> str:
    delay = task.delay if task.debounce is None else task.debounce.first_wait
    return "" if delay is None else str(milliseconds(delay))


def _debounce_terms(debounce: Debounce) -> dict[str, Any]:
    most = {} if debounce.max_wait is None else {"most_ms": milliseconds(debounce.max_wait)}
    return {"name": debounce.name, "quiet_ms": milliseconds(debounce.seconds)} | most


def _unique_terms(unique: Unique) -> dict[str, Any]:
    return {"name": unique.name, "held_while": unique.held_while, "ttl_ms": milliseconds(unique.ttl)}


def key_terms(key: IdempotencyKey) -> dict[str, Any]:
    """An idempotency key as the scripts take it."""
    return {"key": key.name, "fingerprint": key.fingerprint, "keep_ms": milliseconds(key.keep)}


def _accepted(row: Sequence[Any], task: Submission | None = None) -> Accepted:
    """The meaning of what a script says of one task; it says more of one that another submission has made."""
    state, at, standing, *more = row
    is_new = task is not None and len(more) < 5
    told = (task.id, task.kind, task.queue, task.traceparent, 0) if task is not None and is_new else more
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
        debounced=existing == 2,
        room=Room(*more) if is_new and len(more) == 2 else None,
    )


def _full(row: Sequence[Any]) -> QueueFull:
    """The meaning of what a script says of a task for which there is no room."""
    queue, limit, waiting, *pulse = row[3:]
    ended, ms = pulse if len(pulse) == 2 else (0, 0)
    return queue_full(queue, int(limit), int(waiting), ended * 1000 / ms if ms else None)


def queue_full(queue: str, limit: int, waiting: int, rate: float | None) -> QueueFull:
    """What is said of a queue that has no room, of which ``rate`` tasks per second end, None where that is not known.

    Its ``retry_after`` is when there will be room for one more if that goes on, and between 1 and 60 seconds.
    """
    if rate is None:
        seconds = UNKNOWN
    elif rate == 0:
        seconds = LONGEST
    else:
        seconds = min(LONGEST, max(SHORTEST, (waiting - limit + 1) / rate))
    retry_after = math.ceil(seconds)
    sentence = f"{waiting} tasks wait in the queue {queue}, which takes {limit}; there may be room in {retry_after} s"
    return QueueFull(sentence, queue=queue, limit=limit, waiting=waiting, retry_after=retry_after)
