"""A task comes in."""

import json
from dataclasses import dataclass
from typing import Any

from heavylift.record import Accepted, Durability, Submission, from_ms
from heavylift.state import State
from heavylift.store.calls.call import Call, Limits, milliseconds, moment_text


@dataclass(frozen=True, slots=True)
class Submit(Call[tuple[Accepted, ...]]):
    """(nothing) → scheduled | queued, for each task. A known id is left as it is and answered as a duplicate.

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
            )
        return arguments

    def parse(self, reply: Any) -> tuple[Accepted, ...]:
        return tuple(
            Accepted(id=task.id, state=State(state), submitted_at=from_ms(int(at)), duplicate=bool(duplicate))
            for task, (state, at, duplicate) in zip(self.tasks, reply, strict=True)
        )
