"""The context of a task that is a plain function."""

import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeVar

from heavylift.context.link import required_link
from heavylift.context.text import checked_name, checkpoint_text, effect_text
from heavylift.context.view import View
from heavylift.errors import StoreUnavailable

PATIENCE: Final = 30.0  # seconds that a task waits for the store: longer than a failover of Redis takes
_LOOK: Final = (
    0.2  # seconds between looks: an exception that is raised in a thread from outside, as its timeout is, comes between two
)

Answer = TypeVar("Answer")


class Context(View):
    """What a task can say and hear while it runs. Its methods may be called from any thread of the task."""

    __slots__ = ()

    def checkpoint(self, value: Any) -> None:
        """Keep a JSON value for the next run of this task, which finds it as ``last_checkpoint``; the newest one counts.

        It is in the store when this returns. With Redis away it is tried for 30 s. Raises CheckpointInvalid for what is no JSON
        or has more than 64 KiB of it, TaskLost when another worker has the task by now, StoreUnavailable.
        """
        _wait_for(self._link.keep_checkpoint(checkpoint_text(value)))

    def once(self, name: str, effect: Callable[[], Any]) -> Any:
        """Do ``effect`` unless a former run of this task has done it, and return what it returned, as JSON gives it back.

        That it is done is recorded right after it. A worker that dies between the two leaves an effect that will be done again:
        where even that must not be, give the effect an idempotency key such as ``f"{context.task_id}/{name}"``. Raises what the
        effect raises, ResultInvalid for what is no JSON or has more than 64 KiB of it, TaskLost, StoreUnavailable.
        """
        link, name = self._link, checked_name(name)
        if name not in link.effects and not link.first_run:
            recalled = _wait_for(link.recall_effect(name))
            if recalled is not None:
                link.effects[name] = recalled
        if name not in link.effects:
            text = effect_text(name, effect())
            _wait_for(link.keep_effect(name, text))
            link.effects[name] = text
        return json.loads(link.effects[name])


def current_context() -> Context:
    """The context of the task that this code is part of, whatever its kind. Raises OutsideTask."""
    return Context(required_link())


def _wait_for(answer: "Future[Answer]") -> Answer:
    until = time.monotonic() + PATIENCE
    try:
        while not answer.done() and time.monotonic() < until:
            with suppress(TimeoutError):
                answer.exception(timeout=_LOOK)
        if not answer.done():
            raise StoreUnavailable(f"the store could not be asked for {PATIENCE:g} s")
        return answer.result()
    finally:
        answer.cancel()
