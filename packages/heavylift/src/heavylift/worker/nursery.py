"""Forks children from a process that has no threads.

The guardian has threads, and a fork of a process with threads may copy a lock that nobody will ever release. So before its first
thread the guardian forks the nursery, which imports nothing more and only forks on demand: a child starts in a few milliseconds
with everything imported. The nursery is the children's parent and tells the guardian how each of them ended. When the guardian is
gone the nursery ends the children and itself.
"""

import ctypes
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, NoReturn

ChildMain = Callable[[int, str], None]  #: Runs a child: slot, consumer. Its return is a clean end.

_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True)
class Forked:
    """A child runs."""

    slot: int
    pid: int


@dataclass(frozen=True, slots=True)
class Died:
    """A child has ended with this wait status."""

    slot: int
    pid: int
    status: int

    @property
    def clean(self) -> bool:
        """Whether it ended by returning from its work."""
        return self.status == 0

    def by(self, number: signal.Signals) -> bool:
        """Whether this signal ended it."""
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == number

    @property
    def reason(self) -> str:
        """``signal`` or ``exit``."""
        return "signal" if os.WIFSIGNALED(self.status) else "exit"

    @property
    def cause(self) -> str:
        """How it ended, for people."""
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            return f"killed by {signal.Signals(number).name}" if number in list(signal.Signals) else f"killed by signal {number}"
        return f"exited with code {os.waitstatus_to_exitcode(self.status)}"


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
            _end_with(lambda: _NurseryProcess(theirs, self._child_main).run())
        theirs.close()
        self._line = ours

    def fork(self, slot: int, consumer: str) -> None:
        """Ask for a child. Raises NurseryGone."""
        self._say({"do": "fork", "slot": slot, "consumer": consumer})

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Ask for a signal to a child; nothing happens when it has ended. Raises NurseryGone."""
        self._say({"do": "signal", "pid": pid, "number": int(number)})

    def fileno(self) -> int:
        """To wait on with ``select``: readable when ``receive`` has something."""
        assert self._line is not None, "not started"  # noqa: S101
        return self._line.fileno()

    def receive(self) -> Forked | Died:
        """The next news. Raises NurseryGone."""
        assert self._line is not None, "not started"  # noqa: S101
        try:
            data = self._line.recv(4096)
        except OSError:
            data = b""
        if not data:
            raise NurseryGone
        news = json.loads(data)
        return Died(**news) if "status" in news else Forked(**news)

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


class _NurseryProcess:
    """The nursery's own side: one loop over orders and ended children."""

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
            return self._line.recv(4096)
        except ConnectionResetError:  # the guardian died with news unread, which is another way to be gone
            return b""

    def _obey(self, order: dict[str, Any]) -> None:
        if order["do"] == "fork":
            self._fork(order["slot"], order["consumer"])
        elif order["pid"] in self._children:
            os.kill(order["pid"], order["number"])

    def _fork(self, slot: int, consumer: str) -> None:
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # else one that comes while we ignore it is lost to the child
        pid = os.fork()
        if pid == 0:
            self._line.close()
            os.close(self._bell)
            _end_with(lambda: self._be_child(parent, slot, consumer))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        self._children[pid] = slot
        self._tell(Forked(slot, pid))

    def _be_child(self, parent: int, slot: int, consumer: str) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until the child has a handler of its own it has nothing in hand
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:  # else the nursery died before the kernel was told
            self._child_main(slot, consumer)

    def _report_the_dead(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._tell(Died(self._children.pop(pid), pid, status))

    def _tell(self, news: Forked | Died) -> None:
        try:
            self._line.send(json.dumps(asdict(news)).encode())
        except OSError:
            return  # the guardian is gone; the next read says so


def _end_with(body: Callable[[], None]) -> NoReturn:
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
