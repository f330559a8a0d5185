"""A connection to a client: what uvicorn makes of it, within bounds of time and of memory that no client can move."""

import asyncio
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any, Final

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from heavylift.errors import HeavyliftError
from heavylift.telemetry import ClientCut, Reporter
from heavylift_api.errors import ClientTooSlow, HeadTooLarge, NotHttp, problem_response
from heavylift_api.patience import Sender, Taker
from heavylift_api.settings import ApiSettings

LONGEST_HEAD: Final = 65_536  #: Bytes of an address and its headers. Proxies let 8 to 32 KiB through.
MOST_AHEAD: Final = 64  #: Requests that wait behind one that is not answered yet, where a client sends several at once.
SPARE: Final = 64  #: Connections beyond all others, so that probes come through and the others are told.

#: Of the kernel's struct tcp_info: tcpi_bytes_acked, and tcpi_notsent_bytes, for which there was no room yet.
_TCP_INFO: Final = struct.Struct("=120xQ16xI")


class BoundedConnection(HttpToolsProtocol):
    """One connection. ``check`` is to be called about once a second."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings: ApiSettings = self.config.app.state.settings  # type: ignore[union-attr]  # serve gave it our application
        self._patience = settings.client_patience
        self._most = settings.connections + SPARE
        self._sender = Sender(self._patience, self.loop.time())
        self._taker = Taker(self._patience, self.loop.time())
        self._fault: HeavyliftError = NotHttp()
        self._running: RequestResponseCycle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin, unless there are too many already."""
        super().connection_made(transport)
        if len(self.connections) > self._most:
            self._cut("crowd")
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all who answer, not only the last: with requests sent ahead, it is an earlier one that is being answered."""
        for cycle in (self._running, *(cycle for cycle, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._sender.received += len(data)
        super().data_received(data)
        if self._sender.in_head and self._sender.received > LONGEST_HEAD:
            self._refuse(HeadTooLarge())

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._sender.begins(self.loop.time())

    def on_headers_complete(self) -> None:
        """Its head is there, and what it is for is known."""
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD:
            self._fault = HeadTooLarge()
            raise self._fault
        if len(self.pipeline) >= MOST_AHEAD:
            self._fault = NotHttp(f"more than {MOST_AHEAD} requests were sent ahead of their answers")
            raise self._fault
        self._sender.in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there."""
        self._sender.has_sent_all()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Uvicorn does so where it cannot go on reading; tell why as a problem."""
        self._refuse(self._fault)

    def check(self, now: float) -> None:
        """End it where the client keeps it waiting, at either end. ``now`` is the time of the loop."""
        if self.flow.read_paused:
            self._sender.is_held_back(now)
        if self._sender.is_late(now) and not self.transport.is_closing():
            if self._sender.has_begun:
                self._refuse(ClientTooSlow(f"the request was not there within {self._patience:g} s, and came too slowly"))
            else:
                self.transport.close()  # it never said anything, and expects no answer
        if self._taker.is_stuck(*_on_its_way(self.transport, answering=self._is_answering), now):
            self._cut("unread")
            self.transport.abort()

    @property
    def _is_answering(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _refuse(self, error: HeavyliftError) -> None:
        """Answer with a problem, if it is this one's turn, and end the connection."""
        if self.transport.is_closing():
            return
        self._cut({ClientTooSlow: "slow", HeadTooLarge: "head"}.get(type(error), "malformed"))
        if self.cycle is None or self.cycle.response_complete or (self.cycle.more_body and not self.cycle.response_started):
            self.transport.write(b"".join(_written(problem_response(error, "/"))))
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _cut(self, reason: str) -> None:
        reporter: Reporter = self.app_state["reporter"]
        reporter.report(ClientCut(reason=reason))


def _on_its_way(transport: asyncio.Transport, *, answering: bool) -> tuple[int, int]:
    """Bytes that a client has not taken, those that the kernel holds for it included, and bytes that it ever took."""
    ours = transport.get_write_buffer_size()
    if ours == 0 and (transport.is_closing() or not answering):
        return 0, 0
    if sys.platform != "linux":
        return ours, -ours
    told = transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    acknowledged, unsent = _TCP_INFO.unpack(told)
    return ours + unsent, acknowledged


def _written(response: Response) -> Iterator[bytes]:
    yield STATUS_LINE[response.status_code]
    for name, value in response.raw_headers:
        yield b"%s: %s\r\n" % (name, value)
    yield b"\r\n"
    yield bytes(response.body)
