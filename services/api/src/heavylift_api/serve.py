"""The HTTP server around the application, and how it stops."""

import asyncio
import contextlib
import gc
import signal
import socket
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from heavylift.errors import ConfigurationInvalid
from heavylift_api.connection import BoundedConnection
from heavylift_api.crowd import make_room
from heavylift_api.ending import end
from heavylift_api.settings import ApiSettings

_AT_ONCE: Final = 250  #: Connections that are looked at before others have their turn.

#: Bytes that the kernel takes for one client beyond what is on its way to it. It would take megabytes for one that reads nothing,
#: which count as the pod's memory.
UNSENT: Final = 131_072

PORT_OPTION: Final = "HEAVYLIFT_API_PORT"

#: New objects after which the collector looks at them; at each tenth look at those that stayed. Python's own are 700 and 10, 10.
COLLECTIONS: Final = (20_000, 20, 20)

log = structlog.get_logger("heavylift.api")


class Server(uvicorn.Server):
    """Uvicorn, which on SIGTERM first sends those home who wait for tasks."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open what the application needs, and begin to listen."""
        await super().startup(sockets)
        self._application.state.crowd.connections = self.server_state.connections
        self._checking = asyncio.create_task(self._check_connections())
        leave_alone_what_stays()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is open, then stop."""
        self._application.state.waiters.drain()  # before uvicorn waits for open requests, of which long polls are the longest
        await super().shutdown(sockets)
        await end(self._checking)

    @property
    def _application(self) -> FastAPI:
        app = self.config.app
        assert isinstance(app, FastAPI)  # noqa: S101  serve gave it one
        return app

    async def _check_connections(self) -> None:
        """See every second who keeps us waiting; others have their turn meanwhile."""
        while True:
            await asyncio.sleep(1.0)
            for number, connection in enumerate(list(self.server_state.connections)):
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)
                assert isinstance(connection, BoundedConnection)  # noqa: S101  as server_config says
                _check(connection)


def _check(connection: BoundedConnection) -> None:
    try:
        connection.check(asyncio.get_running_loop().time())
    except Exception:  # with one that cannot be looked at the others are looked at all the same
        log.exception("connection.unchecked")


def leave_alone_what_stays() -> None:
    """Have the collector of garbage pass over what lives as long as the process, and look at what comes with requests less often.

    Going through modules, routes and schemas again and again took a quarter of the time of a small request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


def serve(app: FastAPI, settings: ApiSettings) -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigurationInvalid when the port is taken."""
    listener = listen(settings.host, settings.port)
    make_room(settings.connections)
    log.info("api.listening", url=_address(listener))
    # Uvicorn, once it has stopped in order, repeats the signal to whoever had it before; both mean the same to us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        Server(server_config(app, settings)).run([listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ConfigurationInvalid, naming the port and its option."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationInvalid(
            f"port {port} on {host} is taken or not allowed ({error.strerror}); choose another with {PORT_OPTION}"
        ) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)  # each connection has it from here
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_config(app: FastAPI, settings: ApiSettings) -> uvicorn.Config:
    """How uvicorn runs: fast parts, no log of its own (ours names the request), no word of what it is."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedConnection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_grace)),
    )
