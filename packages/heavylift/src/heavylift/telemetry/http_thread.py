"""A small HTTP server on a thread of its own, for programs whose work is something else. It answers GET."""

import sys
import threading
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from heavylift.errors import ConfigurationInvalid

Answer = tuple[HTTPStatus, str, bytes]  #: Status, content type and body.


class HttpThread:
    """``answer`` is given the path and the headers of each request. ``variable`` names the setting of the port.

    Raises ConfigurationInvalid when the port cannot be had.
    """

    def __init__(self, host: str, port: int, answer: Callable[[str, Message], Answer], *, name: str, variable: str) -> None:
        try:
            self._server = _Server((host, port), _handler(answer))
        except OSError as error:
            raise ConfigurationInvalid(
                f"port {port} on {host} is taken or not allowed ({error.strerror}); choose another with {variable}"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name=name)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


def _handler(answer: Callable[[str, Message], Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # seconds; a client that says nothing is let go

        def do_GET(self) -> None:
            status, content_type, body = answer(self.path, self.headers)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """A question every second is not worth a line."""

    return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, as a kubelet does that has waited long enough, is not worth a traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
