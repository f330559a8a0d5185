"""One address in front of several servers, as a Kubernetes Service is: who has connected stays where he is."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class Forwarder:
    """Forwards each new connection to the port that is ``target`` at that time."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> str:
        """Where it listens, as a URL of Redis."""
        return f"redis://127.0.0.1:{self._server.getsockname()[1]}/0"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # it is over
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self._ends += (near, far)
                for source, sink in ((near, far), (far, near)):
                    self._threads.append(threading.Thread(target=_pour, args=(source, sink)))
                    self._threads[-1].start()

    def cut(self) -> None:
        """End all connections that there are."""
        for end in self._ends:
            _shut(end)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for end in (self._server, *self._ends):
            _shut(end)
        for thread in self._threads:
            thread.join()
        for end in (self._server, *self._ends):
            end.close()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _shut(source)
    _shut(sink)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
