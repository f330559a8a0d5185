"""How much memory a process has."""

import resource
from pathlib import Path
from typing import Final

_MEBIBYTE: Final = 1 << 20


def resident(pid: int) -> float:
    """MiB of memory that are resident for a process, what it shares with others included; 0 where that cannot be known."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / _MEBIBYTE
