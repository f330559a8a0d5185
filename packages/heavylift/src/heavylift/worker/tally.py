"""Counts what the children have done, where Celery's heartbeats and ``celery inspect stats`` look for it."""

from celery.worker import state

from heavylift.telemetry import AttemptEnded, Event, TasksSucceeded


def tally(event: Event) -> None:
    """Hear a fact."""
    match event:
        case TasksSucceeded():
            _count(event.kind, len(event.durations))
        case AttemptEnded():
            _count(event.kind, 1)


def _count(kind: str, attempts: int) -> None:
    state.total_count[kind] += attempts
    state.all_total_count[0] += attempts
