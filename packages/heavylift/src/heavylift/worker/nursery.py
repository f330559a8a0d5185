"""Forks children from a process that has no threads.

The guardian has threads, and a fork of a process with threads may copy a lock that nobody will ever release. So before its first
thread the guardian forks the nursery, which imports nothing more and only forks on demand: a child starts in a few milliseconds
with everything imported. The nursery is the children's parent and tells the guardian how each of them ended. When the guardian is
gone the nursery ends the children and itself.
"""

import json
import os
import signal
import socket
import sys
from typing import Any

from heavylift.worker.nursery_news import News, read_news
from heavylift.worker.nursery_process import LARGEST, ChildMain, NurseryProcess, end_with


class NurseryGone(Exception):
    """The nursery has died, and its children with it."""


class Nursery:
    """The guardian's side."""

    def __init__(self, child_main: ChildMain) -> None:
        self._child_main = child_main
        self._line: socket.socket | None = None
        self.pid = 0

    def start(self) -> None:
        """Fork the nursery. To be called before this process starts a thread."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            end_with(lambda: NurseryProcess(theirs, self._child_main).run())
        theirs.close()
        self._line = ours

    def fork(self, slot: int, errand: str) -> None:
        """Ask for a child that runs ``errand``; the news of it names ``slot``. Raises NurseryGone."""
        self._say({"do": "fork", "slot": slot, "errand": errand})

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Ask for a signal to a child; nothing happens when it has ended. Raises NurseryGone."""
        self._say({"do": "signal", "pid": pid, "number": int(number)})

    def fileno(self) -> int:
        """To wait on with ``select``: readable when ``receive`` has something."""
        assert self._line is not None, "not started"  # noqa: S101
        return self._line.fileno()

    def receive(self) -> News:
        """The next news. Raises NurseryGone."""
        assert self._line is not None, "not started"  # noqa: S101
        try:
            data = self._line.recv(LARGEST)
        except OSError:
            data = b""
        if not data:
            raise NurseryGone
        return read_news(data)

    def close(self) -> None:
        """Let the nursery end, and whatever children are left with it."""
        if self._line is not None:
            self._line.close()
            self._line = None
            os.waitpid(self.pid, 0)

    def _say(self, order: dict[str, Any]) -> None:
        assert self._line is not None, "not started"  # noqa: S101
        try:
            self._line.send(json.dumps(order).encode())
        except OSError as error:
            raise NurseryGone from error
