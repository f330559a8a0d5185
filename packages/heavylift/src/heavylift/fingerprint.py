"""What makes two errors the same fault: a fingerprint that does not depend on what the task was given. Pure.

Version 1. A fingerprint is the first sixteen hex digits of the SHA-1 of some lines of UTF-8, joined by newlines. The first line
is the class of the exception with its module, ``shop.errors.OutOfStock``. One line follows for each of the innermost
``FRAMES`` different functions of the application that the traceback goes through, ``stock.py:reserve``, in alphabetical order.

- A function is named by the base name of its file and by its own name. Line numbers do not count, so an edit elsewhere in the
  file changes nothing; folders do not count, so it is the same fault on a laptop and in an image.
- A function that calls itself counts once, and the order does not count: how deep a recursion went is up to the payload. What
  Python calls ``<lambda>`` or ``<listcomp>`` does not count, because its versions differ in what they make a function of.
- To the application belongs what is neither Python's own nor Heavylift's nor Celery's, and is not installed among third parties
  (``site-packages``); what is installed there in the same top package as the task's own function does belong to it.
- The message does not count: it quotes ids, numbers and names of files.
- Neither does the place where a time limit struck: a slow task is interrupted anywhere. Such an error has its first line only.
- A group of exceptions has, instead of functions, the fingerprints of its members: each once, in alphabetical order.

Where there was no exception (a worker died), a name takes the place of the class and the cause that of the functions, with each
run of digits in it written as ``#``.
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Final

FRAMES: Final = 5
#: Errors that a clock brings about, wherever the task is at that moment.
CLOCKS: Final = frozenset({"TaskTimeout", "SoftTimeLimitExceeded", "TimeLimitExceeded"})

_PLATFORM: Final = sys.stdlib_module_names | {"heavylift", "celery", "kombu", "billiard", "vine"}
_THIRD_PARTIES: Final = ("/site-packages/", "/dist-packages/")


def fingerprint(error: BaseException, home: str = "") -> str:
    """The fingerprint of an exception that was caught. ``home`` is the module of the task's own function."""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__name__ in CLOCKS:
        return digest(name)
    if isinstance(error, BaseExceptionGroup):
        return digest(name, *sorted({fingerprint(member, home) for member in error.exceptions}))
    return digest(name, *sorted(_innermost(error, home.partition(".")[0])))


def fingerprint_of_loss(name: str, cause: str) -> str:
    """The fingerprint of an end that no exception told of, such as the death of a worker."""
    return digest(name, re.sub("[0-9]+", "#", cause))


def digest(*lines: str) -> str:
    """Sixteen hex digits of these lines."""
    text = "\n".join(lines).encode(errors="backslashreplace")
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()[:16]


def _innermost(error: BaseException, home: str) -> set[str]:
    """The innermost different functions of the application, as base name of the file and name."""
    functions: set[str] = set()
    for frame in reversed(list(_frames(error))):
        if len(functions) < FRAMES and _counts(frame, home):
            functions.add(f"{_path(frame).rpartition('/')[2]}:{frame.f_code.co_name}")
    return functions


def _counts(frame: FrameType, home: str) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    if package in _PLATFORM or frame.f_code.co_name.startswith("<"):
        return False
    return package == home or not any(folder in _path(frame) for folder in _THIRD_PARTIES)


def _frames(error: BaseException) -> Iterator[FrameType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _path(frame: FrameType) -> str:
    return frame.f_code.co_filename.replace("\\", "/")
