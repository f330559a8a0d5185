"""A control group of the kernel with little memory, for a process that is to meet its end there."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.eventually import eventually

_ROOT: Final = Path("/sys/fs/cgroup")


class Cgroup:
    """One that we made ourselves, of version 1 or 2."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take_in(self, pid: int) -> None:
        """Put a process, and those that it will fork, into it."""
        (self._folder / "cgroup.procs").write_text(str(pid))

    def limit(self, mebibytes: int) -> None:
        """Its processes together get no more memory than this."""
        for name in ("memory.limit_in_bytes", "memory.max"):
            with contextlib.suppress(OSError):  # the one that its version does not have
                (self._folder / name).write_text(str(mebibytes << 20))
        for name, value in (("memory.swappiness", "0"), ("memory.swap.max", "0")):
            with contextlib.suppress(OSError):
                (self._folder / name).write_text(value)

    def remove(self) -> None:
        """Remove it once its last process is gone."""
        eventually(lambda: not (self._folder / "cgroup.procs").read_text(), claim="the end of the last process in the cgroup")
        self._folder.rmdir()


@contextmanager
def small_cgroup(mebibytes: int) -> Iterator[Cgroup]:
    """A new cgroup with this much memory."""
    folder = _home() / f"heavylift-test-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    cgroup = Cgroup(folder)
    try:
        cgroup.limit(mebibytes)
        yield cgroup
    finally:
        cgroup.remove()


def can_make_cgroups() -> bool:
    """Whether this machine lets us make a cgroup that limits memory: root of a machine or of a privileged container."""
    home = _home()
    controlled = home != _ROOT or "memory" in _text(_ROOT / "cgroup.subtree_control").split()
    return home.is_dir() and controlled and os.access(home, os.W_OK) and os.geteuid() == 0


def _home() -> Path:
    return _ROOT / "memory" if (_ROOT / "memory" / "memory.limit_in_bytes").exists() else _ROOT


def _text(file: Path) -> str:
    return file.read_text() if file.is_file() else ""
