"""Whether a worker takes tasks, and in sentences why not."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a worker takes tasks; ``faults`` says in sentences why not."""

    faults: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def examine(*, collapsed: bool, draining: bool, living: int, ping: Callable[[], object]) -> Health:
    """Look at everything that can be wrong. ``ping`` asks Redis and raises what it finds."""
    faults = []
    if collapsed:
        faults.append("the process that forks children died; this worker must be restarted")
    if draining:
        faults.append("the worker is stopping and takes no more tasks")
    elif not living:
        faults.append("no child process is running yet")
    try:
        ping()
    except Exception as error:
        faults.append(str(error))
    return Health(tuple(faults))
