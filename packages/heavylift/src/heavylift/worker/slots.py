"""A table in shared memory: what each child runs at this moment. Children write their own row, the guardian reads them all."""

import math
import mmap
import struct
from dataclasses import dataclass
from typing import Final

_HEAD: Final = struct.Struct("<BBI")  # whether and which row is valid, whether the child leaves, how many tasks it runs
_ROW: Final = struct.Struct("<H255sQdd?")  # length of the id, id, fence, start and deadline, whether it is lost
_HELD: Final = struct.Struct("<I")
_SIZE: Final = _HEAD.size + _ROW.size
_LOST: Final = _SIZE - 1
_TURNS: Final = 255

CAPACITY: Final = 4096  # rows; a page that nobody writes to costs nothing


@dataclass(frozen=True, slots=True)
class Running:
    """One child's work. ``since`` and ``deadline``: seconds of ``time.monotonic``, which all processes of a machine share.

    ``lost``: the child has found out that another worker has the task by now.
    """

    task_id: str
    fence: int
    since: float
    deadline: float = math.inf
    lost: bool = False


class Slots:
    """One row per child, shared by every process forked after its making. A child writes to its own row only."""

    def __init__(self, number: int = CAPACITY) -> None:
        self._memory = mmap.mmap(-1, max(1, number) * _SIZE)
        self._turn = 0

    def begin(self, slot: int, running: Running) -> None:
        """Say what the child of ``slot`` runs from now on."""
        start, task_id = slot * _SIZE, running.task_id.encode()
        row = (len(task_id), task_id, running.fence, running.since, running.deadline, running.lost)
        _ROW.pack_into(self._memory, start + _HEAD.size, *row)
        self._turn = self._turn % _TURNS + 1
        self._memory[start] = self._turn  # last, and another than before, so that nobody takes half of two rows for one

    def lose(self, slot: int) -> None:
        """Say that what the child of ``slot`` runs is not its own any more."""
        self._memory[slot * _SIZE + _LOST] = 1

    def end(self, slot: int) -> None:
        """Say that the child of ``slot`` runs nothing."""
        self._memory[slot * _SIZE] = 0

    def hold(self, slot: int, number: int) -> None:
        """Say how many tasks the child of ``slot`` runs, where it runs them side by side."""
        _HELD.pack_into(self._memory, slot * _SIZE + 2, number)

    def held(self, slot: int) -> int:
        """How many tasks the child of ``slot`` runs."""
        start = slot * _SIZE
        number: int = _HELD.unpack_from(self._memory, start + 2)[0]
        return number or int(self._memory[start] != 0)

    def leave(self, slot: int) -> None:
        """Say that the child of ``slot`` begins nothing more, and goes when all that it runs has ended."""
        self._memory[slot * _SIZE + 1] = 1

    def leaves(self, slot: int) -> bool:
        """Whether the child of ``slot`` said so."""
        return self._memory[slot * _SIZE + 1] == 1

    def clear(self, slot: int) -> None:
        """In the guardian: forget what the last child of ``slot`` said."""
        self._memory[slot * _SIZE : slot * _SIZE + _HEAD.size] = bytes(_HEAD.size)

    def read(self, slot: int) -> Running | None:
        """What the child of ``slot`` runs, None when it runs nothing."""
        start = slot * _SIZE
        turn = self._memory[start]
        length, task_id, fence, since, deadline, lost = _ROW.unpack_from(self._memory, start + _HEAD.size)
        if not turn or self._memory[start] != turn:  # it went on to another while we read
            return None
        return Running(task_id[:length].decode(errors="replace"), fence, since, deadline, lost)
