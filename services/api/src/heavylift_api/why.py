"""Why has my task not started? What is in the way, since when, and when it will probably be over."""

from heavylift.explaining import UNSCALED, Explanation, explain, needs_history, needs_scaling
from heavylift.store.calls import LookAhead, ReadHistory, ReadScaling
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.observe import existing


class Explainer:
    """Explains where tasks are."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def explain(self, caller: Caller, id_: str) -> Explanation:
        """Why a task is where it is. Raises TaskNotFound."""
        async with self._store.deadline():
            outlook = existing(id_, await self._store.run(LookAhead(id_, caller.reach)))
            history = await self._store.run(ReadHistory(id_)) if needs_history(outlook) else ()
            scaling = await self._store.run(ReadScaling()) if needs_scaling(outlook) else UNSCALED
        return explain(outlook, history[-1] if history else None, scaling)
