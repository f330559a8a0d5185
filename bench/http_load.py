"""Requests over HTTP, from a process of its own: as fast as they are answered, or at a pace.

The protocol is written by hand, as a client library would cost more than what it measures. Says what came of it as JSON.
"""

import argparse
import asyncio
import contextlib
import json
import os
import time
from collections import deque
from typing import Final, cast

import uvloop

from bench.summary import percentile

_END_OF_HEADERS: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
FIRST: Final = -10  #: Priority of the process that asks, where it may have one: its own wait for a core is nobody's answer.


class Connection(asyncio.Protocol):
    """One connection that is kept: a request, its answer, the next request."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._buffer = b""
        self._due = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._load.free(self)

    def ask(self, due: float) -> None:
        """Send a request that was due at this time."""
        self._due = due
        self._load.asked += 1
        self._transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(_END_OF_HEADERS)
        if not found:
            return
        _, _, after = head.lower().partition(_LENGTH)
        if len(body) < int(after.partition(b"\r\n")[0]):
            return
        self._buffer = b""
        self._load.note(int(head[9:12]), time.perf_counter() - self._due)
        self._load.free(self)


class Load:
    """What is asked, when, and what was answered. ``pace`` in requests per second; 0 asks as soon as a connection is free."""

    def __init__(self, request: bytes, pace: float) -> None:
        self.request: Final = request
        self.asked = 0
        self.statuses: dict[int, int] = {}
        self.pauses: list[float] = []
        self._pace = pace
        self._idle: deque[Connection] = deque()
        self._due: deque[float] = deque()
        self._over = False

    def free(self, connection: Connection) -> None:
        """A connection has nothing to do."""
        if self._over:
            return
        if not self._pace:
            connection.ask(time.perf_counter())
        elif self._due:
            connection.ask(self._due.popleft())
        else:
            self._idle.append(connection)

    def note(self, status: int, seconds: float) -> None:
        """An answer came, so many seconds after its request was due."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.pauses.append(seconds)

    async def go(self, seconds: float) -> None:
        """Ask for so long. What is due when no connection is free is late, and its wait counts."""
        began = time.perf_counter()
        number = 0
        while (now := time.perf_counter()) < began + seconds:
            while self._pace and began + number / self._pace <= now:
                due = began + number / self._pace
                number += 1
                if self._idle:
                    self._idle.popleft().ask(due)
                else:
                    self._due.append(due)
            await asyncio.sleep(0.001 if self._pace else 0.05)
        self._over = True


async def measure(port: int, path: str, body: str, headers: list[str], *, connections: int, pace: float, seconds: float) -> Load:
    """Warm up for a tenth of the time, then measure."""
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    )
    request = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
    asked = 0
    for duration in (seconds / 10, seconds):
        load = Load(request, pace)
        load.asked = asked
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(lambda: Connection(load), "127.0.0.1", port) for _ in range(connections)]  # noqa: B023
        await load.go(duration)
        for transport, _ in made:
            transport.close()
        await asyncio.sleep(0.1)
        asked = load.asked
    return load


def main() -> None:
    """Ask as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--body", required=True)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--pace", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    with contextlib.suppress(PermissionError):  # it stands for machines that have cores of their own
        os.setpriority(os.PRIO_PROCESS, 0, FIRST)
    load = uvloop.run(
        measure(
            *(options.port, options.path, options.body, options.header),
            connections=options.connections,
            pace=options.pace,
            seconds=options.seconds,
        )
    )
    pauses = (
        [percentile(load.pauses, percent) for percent in range(1, 100)] if load.pauses else []
    )  # all of them are more than a pipe holds
    print(json.dumps({"statuses": load.statuses, "pauses": pauses, "asked": load.asked}))


if __name__ == "__main__":
    main()
