"""One run of a function, and the fact that it is over."""

from dataclasses import dataclass
from typing import Final

from heavylift.outcome import Cancelled, Failed, Outcome, Retry, Succeeded
from heavylift.record import Delivery
from heavylift.telemetry import Ended, Result

_RESULTS: Final = {Succeeded: Result.SUCCESS, Failed: Result.FAILURE, Retry: Result.RETRY, Cancelled: Result.CANCELLATION}


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a run ended, and its seconds."""

    delivery: Delivery
    outcome: Outcome
    duration: float


def ended_event(attempt: Attempt, *, committed: bool) -> Ended:
    """The fact that an attempt is over. ``committed`` says whether the store took its end."""
    delivery, outcome = attempt.delivery, attempt.outcome
    failure = outcome.error if isinstance(outcome, Failed | Retry) else None
    return Ended(
        task_id=delivery.id,
        kind=delivery.kind,
        queue=delivery.queue,
        attempt=delivery.attempt,
        result=_RESULTS[type(outcome)],
        duration=attempt.duration,
        since_submit=max(0.0, (delivery.started_at - delivery.submitted_at).total_seconds()) + attempt.duration,
        committed=committed,
        error_type=failure.type if failure else None,
        error_message=failure.message if failure else None,
        delay=outcome.delay if isinstance(outcome, Retry) else None,
        traceparent=delivery.traceparent,
    )
