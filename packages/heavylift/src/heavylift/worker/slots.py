"""A table in shared memory: what each child runs at this moment. Children write their own row, the guardian reads them all."""

import math
import mmap
import struct
from dataclasses import dataclass
from typing import Final

_ROW: Final = struct.Struct("<H255sQdd")  # length of the id, id, fence, start and deadline
_SIZE: Final = 1 + _ROW.size  # the first byte says whether the rest is valid


@dataclass(frozen=True, slots=True)
class Running:
    """One child's work. ``since`` and ``deadline``: seconds of ``time.monotonic``, which all processes of a machine share."""

    task_id: str
    fence: int
    since: float
    deadline: float = math.inf


class Slots:
    """One row per child, shared by every process forked after its making."""

    def __init__(self, number: int) -> None:
        self._memory = mmap.mmap(-1, max(1, number) * _SIZE)

    def begin(self, slot: int, running: Running) -> None:
        """Say what the child of ``slot`` runs from now on."""
        start, task_id = slot * _SIZE, running.task_id.encode()
        _ROW.pack_into(self._memory, start + 1, len(task_id), task_id, running.fence, running.since, running.deadline)
        self._memory[start] = 1  # last, so that a reader never sees half a row

    def end(self, slot: int) -> None:
        """Say that the child of ``slot`` runs nothing."""
        self._memory[slot * _SIZE] = 0

    def read(self, slot: int) -> Running | None:
        """What the child of ``slot`` runs, None when it runs nothing."""
        start = slot * _SIZE
        if not self._memory[start]:
            return None
        length, task_id, fence, since, deadline = _ROW.unpack_from(self._memory, start + 1)
        running = Running(task_id[:length].decode(errors="replace"), fence, since, deadline)
        return running if self._memory[start] else None
