"""What is done with many tasks that have not ended."""

from dataclasses import dataclass, field

from heavylift.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOutcome:
    """What came of it.

    ``matched`` fit, up to the limit; something was done with ``changed`` of them, and ``states`` says how many of these are in
    which state now: those that run were asked to end. ``sample`` are the ids of the first.
    """

    matched: int
    changed: int
    dry_run: bool
    more: bool
    states: dict[State, int] = field(default_factory=dict)
    sample: tuple[str, ...] = ()
