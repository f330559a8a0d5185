"""Who did what is written down before it is done, and what came of it after."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

import structlog

from heavylift.audit import Action, Actor, Deed, Door, Outcome
from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift.store.calls import BeginDeed, EndDeed
from heavylift.telemetry import OperatorActed, Reporter
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import problem_type

T = TypeVar("T")

CUT_OFF: Final = Outcome("cut-off")  #: Of what nobody waited for any more.


class Auditor:
    """Every route that changes something by an operator's hand goes through here, in one line: ``await auditor.witness(…)``."""

    def __init__(self, store: TimelyStore, reporter: Reporter) -> None:
        self._store = store
        self._reporter = reporter
        self._ending: set[asyncio.Task[None]] = set()

    async def witness(
        self,
        caller: Caller,
        action: Action,
        target: str,
        work: Coroutine[Any, Any, T],
        *,
        only_looks: bool = False,
        **details: Any,
    ) -> T:
        """The result of ``work``, which may say how many it ``changed``.

        What cannot be written down is not done: raises StoreUnavailable, StoreRefused then. What ``only_looks`` is no act. What
        is None of ``details`` is left out.
        """
        if only_looks:
            return await work
        told = {name: value for name, value in details.items() if value is not None}
        deed = Deed(_actor(caller), action, target, _request_id(), told)
        try:
            id_ = await self._store.run(BeginDeed(deed))
        except BaseException:
            work.close()
            raise
        return await self._done(deed, id_, work)

    async def _done(self, deed: Deed, id_: str, work: Coroutine[Any, Any, T]) -> T:
        outcome = CUT_OFF
        try:
            result = await work
            outcome = Outcome(changed=getattr(result, "changed", None))
        except Exception as error:
            outcome = Outcome(problem_type(error).name)
            raise
        else:
            return result
        finally:
            # In a task of its own: whoever waits for the answer may be gone by now.
            ending = asyncio.create_task(self._end(deed, id_, outcome))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
            await asyncio.shield(ending)

    async def _end(self, deed: Deed, id_: str, outcome: Outcome) -> None:
        with suppress(StoreUnavailable, StoreRefused):  # the store has reported it, and the deed stays as one that was begun
            await self._store.run(EndDeed(id_, outcome))
        actor = deed.actor
        self._reporter.report(
            OperatorActed(
                action=deed.action,
                target=deed.target,
                outcome=outcome.told,
                changed=outcome.changed or 0,
                key=actor.key,
                key_name=actor.name,
                tenant=actor.tenant,
            )
        )


def _actor(caller: Caller) -> Actor:
    return Actor(Door.HTTP, caller.name, caller.key, caller.tenant)


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
