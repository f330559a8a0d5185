"""Why a task is where it is, in one paragraph."""

from collections.abc import Iterator
from datetime import UTC, datetime

from heavylift.cli.terminal import say
from heavylift.cli.text import moment, paragraph, span
from heavylift.client.values import Why


def say_why(why: Why) -> None:
    """One paragraph."""
    say(paragraph(" ".join(_sentences(why))))


def _sentences(why: Why) -> Iterator[str]:
    now = datetime.now(UTC)
    if why.waits_for is None:
        yield why.reason
        return
    yield f"The task is {why.state}. {why.reason} It has been so for {span(max(0.0, (now - why.since).total_seconds()))}."
    if why.estimate is not None:
        left = (why.estimate.starts_at - now).total_seconds()
        when = f"in about {span(left)}" if left >= 1 else "at any moment"
        yield f"It will probably start {when}, at {moment(why.estimate.starts_at)} ({why.estimate.basis})."
    if why.scaling:
        yield f"Of the workers the autoscaler says: {why.scaling.rstrip('.')}."
