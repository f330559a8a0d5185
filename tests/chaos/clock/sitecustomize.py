"""Gives a Python process a wall clock that can be stepped from outside: on PYTHONPATH, Python imports this before anything else.

``CHAOS_CLOCK`` names a file with the seconds to add, as a double. It is mapped into memory, so a step takes effect in the running
process and in all that it has forked. What tells the time by ``time.time``, ``time.time_ns`` or ``datetime`` is shifted; what
waits, waits by the monotonic clock, which a step of the real one does not move either.
"""

import datetime as dt
import mmap
import os
import struct
import time
from pathlib import Path
from typing import Any

_RealDatetime = dt.datetime


def _install(path: Path) -> None:
    with path.open("rb") as file:
        memory = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    real_time, real_time_ns = time.time, time.time_ns

    def offset() -> float:
        return float(struct.unpack_from("<d", memory)[0])

    class Kind(type):
        # Times made before this class, or in C, are its instances too.
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, _RealDatetime)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, _RealDatetime)

    class Stepped(_RealDatetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return _RealDatetime.now(tz) + dt.timedelta(seconds=offset())

        @classmethod
        def utcnow(cls) -> Any:
            return _RealDatetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(seconds=offset())

    time.time = lambda: real_time() + offset()
    time.time_ns = lambda: real_time_ns() + int(offset() * 1e9)
    dt.datetime = Stepped  # type: ignore[misc]


if "CHAOS_CLOCK" in os.environ:
    _install(Path(os.environ["CHAOS_CLOCK"]))
