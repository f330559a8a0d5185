"""HTTP as no client library would speak it."""

import json
import socket
from dataclasses import dataclass
from typing import Any

from tests.support.service import ServiceProcess


@dataclass(frozen=True)
class RawAnswer:
    """What came back; ``status`` is 0 where nothing did."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self, status: int, name: str) -> dict[str, Any]:
        """The problem that this is. Fails unless it is this one."""
        assert (self.status, self.headers.get("content-type")) == (status, "application/problem+json"), self
        told: dict[str, Any] = json.loads(self.body)
        assert (told["type"], told["status"]) == (f"urn:heavylift:problem:{name}", status)
        return told


def connect(process: ServiceProcess, *, timeout: float = 10.0, window: int = 0) -> socket.socket:
    """A connection; ``window`` is how many bytes it takes ahead, if not as many as usual."""
    connection = socket.socket()
    if window:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    connection.settimeout(timeout)
    connection.connect(("127.0.0.1", process.port))
    return connection


def said(connection: socket.socket) -> bytes:
    """All that is said until the other side closes."""
    pieces = []
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:  # it closed while we were still speaking
        pass
    return b"".join(pieces)


def exchange(process: ServiceProcess, *pieces: bytes) -> RawAnswer:
    """Say this, and hear the one answer until the connection ends."""
    with connect(process) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return parsed(said(connection))


def parsed(text: bytes) -> RawAnswer:
    """The first answer in a text."""
    head, _, rest = text.partition(b"\r\n\r\n")
    if not head:
        return RawAnswer(0, {}, b"")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return RawAnswer(int(first.split()[1]), headers, rest[: int(headers.get("content-length", len(rest)))])
