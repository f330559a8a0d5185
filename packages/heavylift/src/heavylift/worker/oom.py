"""Whether the kernel ended a process of our cgroup for want of memory. It counts such ends in a file of the cgroup."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

CGROUPS: Final = Path("/sys/fs/cgroup")
MEMBERSHIP: Final = Path("/proc/self/cgroup")
RECENT: Final = 5.0  # seconds for which an OOM kill may precede the news of a death: a large process takes its time to go


class OomWatch:
    """Knows whether a SIGKILL that nobody here sent was the kernel's, by the count having grown lately.

    ``count`` reads how many processes of the cgroup the kernel has ended. A process that a task started may be the victim, so
    only growth within the last seconds is brought together with a death, and one step of growth with one death.
    """

    def __init__(self, count: Callable[[], int], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque([(clock(), count())])

    @classmethod
    def of_this_process(cls, cgroups: Path = CGROUPS, membership: Path = MEMBERSHIP) -> Self:
        """Watch the cgroup of this process; where there is none that counts, nothing is ever an OOM kill."""
        file = find_counter(cgroups, membership)
        return cls(lambda: 0 if file is None else read_counter(file))

    def look(self) -> None:
        """Note the count, every now and then."""
        now = self._clock()
        if now - self._seen[-1][0] >= RECENT / 5:
            self._seen.append((now, self._count()))
        while len(self._seen) > 1 and self._seen[1][0] <= now - RECENT:
            self._seen.popleft()

    def struck(self) -> bool:
        """Whether the process of whose end by SIGKILL we hear now was the kernel's victim."""
        if self._count() <= self._seen[0][1]:
            return False
        self._seen = deque((at, count + 1) for at, count in self._seen)
        return True


def find_counter(cgroups: Path, membership: Path) -> Path | None:
    """The file that counts OOM kills in the cgroup of this process, of version 1 or 2."""
    for folder, name in _candidates(cgroups, membership):
        if (folder / name).is_file():
            return folder / name
    return None


def read_counter(file: Path) -> int:
    """The number after ``oom_kill`` in ``memory.events`` or ``memory.oom_control``; 0 where there is none."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def _candidates(cgroups: Path, membership: Path) -> list[tuple[Path, str]]:
    """Where to look. In a container the path of the host may be named while the container's own cgroup is mounted as the root."""
    found: list[tuple[Path, str]] = []
    for controllers, path in _lines(membership):
        if controllers == "memory":
            found += [(cgroups / "memory" / path, "memory.oom_control"), (cgroups / "memory", "memory.oom_control")]
        if controllers == "":
            found += [(cgroups / path, "memory.events"), (cgroups, "memory.events")]
    return found


def _lines(membership: Path) -> list[tuple[str, str]]:
    """What ``/proc/self/cgroup`` says: controllers, '' for version 2, and the path without its first slash."""
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return []
    return [(controllers, path.lstrip("/")) for _, controllers, path in (line.split(":", 2) for line in lines)]
