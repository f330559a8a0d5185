"""Which states a task was in, and since when. Derived: a run that did well leaves nothing but its record."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from heavylift.history import Fate, PastAttempt
from heavylift.state import State
from heavylift.story import place
from heavylift.story.event import Event, EventName
from heavylift.story.place import Place
from heavylift.story.told import Told

_TRIED_AGAIN = frozenset({Fate.RETRIED, Fate.TIMED_OUT})
_TRIMMED = 50  # entries of a history; of one that has as many some are gone


def states_of(told: Told, since: int) -> Iterator[Event]:
    """The changes of state from the run ``since`` on, in their order."""
    states = _States(told)
    for run in range(max(0, since), told.fence + 1):
        yield from states.begun(run)
        yield from states.left(run)
        yield from states.replayed(run)
        yield from states.ended(run)


class _States:
    def __init__(self, told: Told) -> None:
        self._told = told
        self._attempts = {past.run: past for past in told.history if past.fate is not Fate.REPLAYED}
        self._replays = {past.run: past for past in told.history if past.fate is Fate.REPLAYED}

    def begun(self, run: int) -> Iterator[Event]:
        told, past = self._told, self._attempts.get(run)
        if run == 0:
            first = State.SCHEDULED if told.first_due_at else State.QUEUED
            yield self._event(run, place.BEGUN, first, told.submitted_at, due_at=told.first_due_at)
        elif past is not None and past.started_at is not None:
            yield self._event(run, place.BEGUN, State.RUNNING, past.started_at)
        elif past is None and run == told.fence and told.started_at is not None:
            yield self._event(run, place.BEGUN, State.RUNNING, told.started_at)

    def left(self, run: int) -> Iterator[Event]:
        """It went back, to be tried again or as its worker was gone; or its first time has come."""
        past, queued_at = self._attempts.get(run), self._queued_after(run)
        if run == 0:
            yield from self._due(run, place.DUE, queued_at if self._told.first_due_at else None)
        elif past is None:
            if len(self._told.history) < _TRIMMED and self._was_given_back(run) and queued_at is not None:
                yield self._event(run, place.LEFT, State.QUEUED, queued_at)
        elif past.fate in _TRIED_AGAIN and not self._was_the_end(past):
            yield self._event(run, place.LEFT, State.SCHEDULED, past.ended_at, **_fate(past))
            yield from self._due(run, place.DUE, queued_at)
        elif past.fate in (Fate.WORKER_LOST, Fate.HANDED_BACK) and not self._was_the_end(past):
            yield self._event(run, place.LEFT, State.QUEUED, past.ended_at, **_fate(past))

    def replayed(self, run: int) -> Iterator[Event]:
        """It had ended as failed, and was replayed."""
        past, replay = self._attempts.get(run), self._replays.get(run)
        if replay is None:
            return
        if past is not None:
            yield self._event(run, place.ENDED, State.FAILED, past.ended_at, **_fate(past))
        waits = replay.due_at is not None
        yield self._event(run, place.REPLAYED, State.SCHEDULED if waits else State.QUEUED, replay.ended_at, **_replay(replay))
        yield from self._due(run, place.DUE_AGAIN, self._queued_after(run) if waits else None)

    def ended(self, run: int) -> Iterator[Event]:
        told = self._told
        if told.ended and told.ended_at is not None and run == told.fence:
            past = self._attempts.get(run)
            fate = _fate(past) if past is not None and self._was_the_end(past) else {}
            step = place.ENDED_AGAIN if run in self._replays else place.ENDED
            yield self._event(run, step, told.state, told.ended_at, **fate)
            yield Event(Place(run, step, part=1), EventName.END, {})

    def _due(self, run: int, step: int, moment: datetime | None) -> Iterator[Event]:
        if moment is not None:
            yield self._event(run, step, State.QUEUED, moment)

    def _queued_after(self, run: int) -> datetime | None:
        """Since when it waited for the run that followed this one, None where that is not known or has not come."""
        following, told = self._attempts.get(run + 1), self._told
        if following is not None:
            return following.queued_at
        left = self._replays.get(run) or self._attempts.get(run)
        moment = told.queued_at
        if moment is None or self._run_waited_for() != run + 1 or (left is not None and moment < left.ended_at):
            return None
        return None if run == told.fence and told.state is State.SCHEDULED else moment

    def _run_waited_for(self) -> int:
        """The run that the newest time in the queue came before."""
        told = self._told
        has_run = told.fence > 0 and told.started_at is not None and told.queued_at is not None
        before = has_run and told.state is not State.QUEUED and told.queued_at <= told.started_at  # type: ignore[operator]
        return told.fence if before else told.fence + 1

    def _was_given_back(self, run: int) -> bool:
        """For a run that left no trace."""
        return run < self._told.fence or self._run_waited_for() > run

    def _was_the_end(self, past: PastAttempt) -> bool:
        told = self._told
        return past.run in self._replays or (told.ended and told.fence == past.run and told.ended_at == past.ended_at)

    def _event(self, run: int, step: int, state: State, at: datetime, **more: Any) -> Event:
        again = step > place.ENDED or run == 0
        attempt = 1 if again else self._attempt(run)
        return Event(Place(run, step), EventName.STATE, {"state": state, "at": at, "attempt": attempt, "run": run, **more})

    def _attempt(self, run: int) -> int:
        """Which try a run was. One that left no trace ended none, so it was that of the next that did."""
        ended = [past.attempt for known, past in sorted(self._attempts.items()) if known >= run]
        return ended[0] if ended else self._told.attempt


def _replay(past: PastAttempt) -> dict[str, Any]:
    told = {"fate": past.fate, "edited": past.edited, "due_at": past.due_at}
    return {name: value for name, value in told.items() if value}


def _fate(past: PastAttempt) -> dict[str, Any]:
    error = None if past.error_type is None else {"type": past.error_type, "message": past.message or past.cause}
    return {"fate": past.fate, "error": error}
