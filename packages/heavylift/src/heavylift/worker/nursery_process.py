"""The nursery's own side: a process without threads that forks children on demand, and tells how each of them ended."""

import ctypes
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from heavylift.worker.nursery_news import Died, Forked, News, NotForked, write_news

ChildMain = Callable[[str], None]  #: Runs a child on an errand. Its return is a clean end.

LARGEST: Final = 64 * 1024  # bytes of one order; an errand names queues

_PR_SET_PDEATHSIG: Final = 1
_GIVING_WAY: Final = 5  #: Added to how much a child leaves the processor to others.
_FIRST_TO_GO: Final = 300  #: Added to how gladly the kernel ends a child when memory runs out: before its guardian and nursery.


class NurseryProcess:
    """One loop over orders and ended children."""

    def __init__(self, line: socket.socket, child_main: ChildMain) -> None:
        self._line = line
        self._child_main = child_main
        self._children: dict[int, int] = {}
        self._bell, ring = os.pipe()
        os.set_blocking(ring, False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a signal to the whole group is the guardian's to answer
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)

    def run(self) -> None:
        while self._obey_next():
            pass
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _obey_next(self) -> bool:
        watched: list[Any] = [self._line, self._bell]
        ready, _, _ = select.select(watched, [], [])
        if self._bell in ready:
            os.read(self._bell, 4096)
            self._report_the_dead()
        if self._line in ready:
            order = self._receive()
            if not order:
                return False
            self._obey(json.loads(order))
        return True

    def _receive(self) -> bytes:
        try:
            return self._line.recv(LARGEST)
        except ConnectionResetError:  # the guardian died with news unread, which is another way to be gone
            return b""

    def _obey(self, order: dict[str, Any]) -> None:
        if order["do"] == "fork":
            self._fork(order["slot"], order["errand"])
        elif order["pid"] in self._children:
            os.kill(order["pid"], order["number"])

    def _fork(self, slot: int, errand: str) -> None:
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # else one that comes while we ignore it is lost to the child
        child = _forked()
        if child == 0:
            self._line.close()
            os.close(self._bell)
            end_with(lambda: self._be_child(parent, errand))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if isinstance(child, OSError):
            self._tell(NotForked(slot, str(child)))
        else:
            self._children[child] = slot
            self._tell(Forked(slot, child))

    def _be_child(self, parent: int, errand: str) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until the child has a handler of its own it has nothing in hand
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            _be_the_first_to_go()
        os.nice(_GIVING_WAY)  # what keeps leases and answers probes goes first, and so does who shares the machine
        if os.getppid() == parent:  # else the nursery died before the kernel was told
            self._child_main(errand)

    def _report_the_dead(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._tell(Died(self._children.pop(pid), pid, status))

    def _tell(self, news: News) -> None:
        try:
            self._line.send(write_news(news))
        except OSError:
            return  # the guardian is gone; the next read says so


def _forked() -> int | OSError:
    """What ``fork`` returned; an error when the system has no memory or no process left, which must not end those who live."""
    try:
        return os.fork()
    except OSError as error:
        return error


def _be_the_first_to_go() -> None:
    """When memory runs out, it is to cost a child and what it runs, and not the whole worker."""
    file = Path("/proc/self/oom_score_adj")
    with suppress(OSError):
        file.write_text(str(min(1000, int(file.read_text()) + _FIRST_TO_GO)))


def end_with(body: Callable[[], None]) -> NoReturn:
    """Run ``body`` in a forked process and end it without the exit handlers, which belong to the process it was forked from."""
    code = 1
    try:
        body()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
