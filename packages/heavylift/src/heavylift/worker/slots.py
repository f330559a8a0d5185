"""A table in shared memory: what each child runs at this moment. Children write their own row, the guardian reads them all."""

import mmap
import struct
import uuid
from dataclasses import dataclass
from typing import Final

_ROW: Final = struct.Struct("<16sQd")  # task id, fence, start in seconds since the epoch
_SIZE: Final = 1 + _ROW.size  # the first byte says whether the rest is valid


@dataclass(frozen=True, slots=True)
class Running:
    """One child's work. ``since``: seconds since the epoch. ``task_id`` is empty for an id that is no UUID."""

    task_id: str
    fence: int
    since: float


class Slots:
    """One row per child, shared by every process forked after its making."""

    def __init__(self, number: int) -> None:
        self._memory = mmap.mmap(-1, max(1, number) * _SIZE)

    def begin(self, slot: int, running: Running) -> None:
        """Say what the child of ``slot`` runs from now on."""
        start = slot * _SIZE
        _ROW.pack_into(self._memory, start + 1, _packed(running.task_id), running.fence, running.since)
        self._memory[start] = 1  # last, so that a reader never sees half a row

    def end(self, slot: int) -> None:
        """Say that the child of ``slot`` runs nothing."""
        self._memory[slot * _SIZE] = 0

    def read(self, slot: int) -> Running | None:
        """What the child of ``slot`` runs, None when it runs nothing."""
        start = slot * _SIZE
        if not self._memory[start]:
            return None
        task_id, fence, since = _ROW.unpack_from(self._memory, start + 1)
        name = str(uuid.UUID(bytes=task_id)) if any(task_id) else ""
        return Running(name, fence, since) if self._memory[start] else None


def _packed(task_id: str) -> bytes:
    try:
        return uuid.UUID(task_id).bytes
    except ValueError:
        return bytes(16)  # an id that a Celery client made up; the store knows it all the same
