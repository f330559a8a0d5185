"""What a process and all its descendants have used, from /proc."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def members(pid: int) -> list[int]:
    """The process and its descendants, parents first."""
    found = [pid]
    for parent in found:  # grows while it is walked
        found.extend(_children(parent))
    return found


def processor_seconds(pid: int) -> float:
    """User and system time of all living members, and of children that were waited for."""
    return sum(_used(member) for member in members(pid))


def memory_bytes(pid: int) -> int:
    """Memory of all members. Pages that several share are counted once between them (proportional set size)."""
    return sum(_proportional(member) for member in members(pid))


def kill(pid: int) -> None:
    """End all members at once."""
    for member in members(pid):
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def _children(pid: int) -> Iterator[int]:
    # Each thread has a list of the children that it started.
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, listed.read_text().split())


def _used(pid: int) -> float:
    with suppress(OSError):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:15])) / _TICKS  # utime, stime, cutime, cstime
    return 0.0


def _proportional(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
