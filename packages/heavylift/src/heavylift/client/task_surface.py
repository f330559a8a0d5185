"""What can be done with one task, written once for blocking and for asyncio code."""

import time
from typing import Any, Final

from pydantic import TypeAdapter

from heavylift.client.asks import Pause, Source, Steps
from heavylift.client.errors import ScopeMissing, WaitOver, unsuccessful
from heavylift.client.item import as_json
from heavylift.client.operations import Operations
from heavylift.client.paging import Pages
from heavylift.client.values import Attempt, LogEvent, Task, TaskEvent, Why
from heavylift.state import State

PORTION: Final = 30.0  #: Seconds of one question that waits for an end.
BREATH: Final = 0.2  #: Seconds between two such questions where the first was cut short, as by an API that stops.


class TaskSurface:
    """One task. ``result_type`` describes its result where its function is known here."""

    def __init__(self, operations: Operations, id_: str, result_type: TypeAdapter[Any] | None) -> None:
        self.id = id_
        self._operations = operations
        self._result_type = result_type

    def read(self) -> Steps[Task]:
        """The task as it is now. Raises TaskUnknown."""
        return self._operations.read(self.id)

    def wait(self, seconds: float | None = None) -> Steps[Task]:
        """The task when it has ended, or as it is when ``seconds`` are over; None: however long it takes. Raises TaskUnknown."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            asked_at = time.monotonic()
            left = PORTION if until is None else max(0.0, until - asked_at)
            task = yield from self._operations.wait_for(self.id, min(PORTION, left))
            if task.ended or (until is not None and time.monotonic() >= until):
                return task
            if time.monotonic() - asked_at < BREATH:
                yield Pause(BREATH)

    def result(self, timeout: float | None = None) -> Steps[Any]:
        """What the function returned, in its own type where the task was submitted by a function under ``@task``.

        Raises TaskFailed, TaskCalledOff, TaskExpired; WaitOver when it has not ended after ``timeout`` seconds; TaskUnknown.
        """
        task = yield from self.wait(timeout)
        if not task.ended:
            raise WaitOver(f"the task {task.id} is {task.state} after {timeout:g} s; it goes on, and can be asked again")
        if task.state is not State.SUCCEEDED:
            raise unsuccessful(task)
        if task.redacted:
            raise ScopeMissing("the key lacks the scope payload, so the result is held back")
        result = task.result if task.result_object is None else (yield from self._operations.result_of(self.id))
        return result if self._result_type is None else self._result_type.validate_python(result)

    def events(self, after: str | None = None) -> Source[TaskEvent]:
        """All that becomes of the task, as it happens, from its submission or behind the event ``after`` on, to its end.

        A connection that breaks is made again behind the last event: nothing is lost, and nothing told twice. Raises TaskUnknown.
        """
        return self._operations.follow(self.id, after)

    def logs(self, *, after: str | None = None, level: str = "debug") -> Source[LogEvent]:
        """What the task has logged by now, the oldest line first, of ``level`` and of higher ones. Raises TaskUnknown."""
        return Pages(lambda cursor: self._operations.log_page(self.id, cursor or after, level))

    def why(self) -> Steps[Why]:
        """Why the task is where it is: what it waits for, since when, and when it will probably start. Raises TaskUnknown."""
        return self._operations.why(self.id)

    def attempts(self) -> Steps[tuple[Attempt, ...]]:
        """The attempts that did not succeed, the oldest first. Raises TaskUnknown."""
        return self._operations.attempts(self.id)

    def cancel(self) -> Steps[Task]:
        """Call the task off: at once while it waits; when it runs it is asked to end, and may still succeed.

        Raises TaskUnknown, TaskEnded.
        """
        return self._operations.cancel(self.id)

    def retry(self) -> Steps[Task]:
        """Let the task begin now that waits for its time, or for the end of a pause. Raises TaskUnknown, NotWaiting."""
        return self._operations.retry(self.id)

    def replay(self, payload: Any = None) -> Steps[Task]:
        """Let a dead letter begin anew under its id, with another ``payload`` if one is given.

        Raises TaskUnknown, NotDead, PayloadUnfit.
        """
        return self._operations.replay(self.id, () if payload is None else (as_json(payload),))

    def discard(self) -> Steps[Task]:
        """Delete a dead letter, for good; what was known of it. Raises TaskUnknown, NotDead."""
        return self._operations.discard(self.id)
