"""A fault while it lasts, and the proof of it afterwards."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from tests.chaos.history import Blow, Held
from tests.chaos.scene import Scene


@dataclass(slots=True)
class Harm:
    """Filled in while the fault is struck and undone. ``prove`` is called when all is well again, and fills in the rest."""

    fault: str
    at: float
    until: float = 0.0
    proof: str = ""
    cut: tuple[Held, ...] = ()
    recovery: float | None = None
    complaint: str = ""
    takes_back: bool = False
    prove: Callable[["Harm"], None] = field(default=lambda _: None)

    def judged(self) -> Blow:
        """What is to be written down."""
        self.prove(self)
        return Blow(
            self.fault, self.at, self.until or self.at, self.proof, self.cut, self.recovery, self.complaint, self.takes_back
        )


Fault = Callable[[Scene], AbstractContextManager[Harm]]  #: Harms on entry; holds, and undoes, on exit.


def mixture(name: str, outer: Fault, inner: Fault) -> Fault:
    """One fault while another lasts. It has hit when both have."""

    @contextmanager
    def strike(scene: Scene) -> Iterator[Harm]:
        with outer(scene) as first:
            harm = Harm(name, first.at)
            with inner(scene) as second:
                pass  # it undoes itself while the outer one goes on
            yield harm
        harm.until = max(first.until, second.until)
        harm.prove = lambda whole: _combine(whole, first.judged(), second.judged())

    return strike


def _combine(whole: Harm, first: Blow, second: Blow) -> None:
    whole.proof = f"{first.proof}; {second.proof}" if first.hit and second.hit else ""
    whole.cut = first.cut + second.cut
    whole.takes_back = first.takes_back or second.takes_back
    whole.complaint = "; ".join(complaint for complaint in (first.complaint, second.complaint) if complaint)
