"""A task's life as Redis wrote it down, and whether it followed the table of states. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from heavylift.state import TERMINAL, State, may_move
from tests.chaos.history import Chronicle, History, Move


@dataclass(slots=True)
class Life:
    """One record from its birth to its end."""

    task: str
    token: str
    inherited: bool = False
    moves: list[Move] = field(default_factory=list)

    @property
    def ends(self) -> list[Move]:
        """Every end that was committed. More than one is a double commit."""
        return [move for move in self.moves if move.state in TERMINAL]

    @property
    def end(self) -> Move | None:
        """Where it is now, if that is an end."""
        return self.moves[-1] if self.moves and self.moves[-1].state in TERMINAL else None

    def was_claimed(self, fence: int) -> bool:
        """Whether somebody held it under this fence. What came before it was inherited nobody knows."""
        claims = {move.fence for move in self.moves if move.state is State.RUNNING}
        return fence in claims or (self.inherited and fence <= self.moves[0].fence)

    def faults(self) -> Iterable[str]:
        """Steps off the table of states, and claims that did not raise the fence."""
        before: Move | None = None
        for move in self.moves:
            if before is None:
                if move.state not in (State.QUEUED, State.SCHEDULED) and not self.inherited:
                    yield f"{self.task} was born {move.state}"
            elif move.state != before.state and not may_move(before.state, move.state):
                yield f"{self.task} went from {before.state} to {move.state}"
            elif move.state is State.RUNNING and move.fence <= before.fence:
                yield f"{self.task} was claimed again under fence {move.fence}"
            before = move


def lives(written: History | Chronicle) -> dict[str, Life]:
    """Every record that ever was, by its id."""
    found = {birth.task: Life(birth.task, birth.token, birth.inherited) for birth in written.births}
    for move in written.moves:
        found.setdefault(move.task, Life(move.task, "")).moves.append(move)
    return found
