"""What KEDA asks: how many pods a pool should have. ``GET /pools/NAME`` is answered ``{"pods": 5}`` to who has the token.

What is not known is answered 503 and never with a number, so that KEDA holds what there is.
"""

import hmac
import json
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from heavylift.errors import ConfigurationInvalid

#: How many pods the pool of that name should have; None when that is not known now. Raises KeyError when there is no such pool.
Recommended = Callable[[str], int | None]

_PREFIX: Final = "/pools/"
_VARIABLE: Final = "HEAVYLIFT_AUTOSCALER_KEDA_PORT"


class KedaServer:
    """Answers from a thread of its own. The token is read from its file for each request, so that it may be changed.

    Raises ConfigurationInvalid when the port cannot be had.
    """

    def __init__(self, host: str, port: int, token_file: Path, recommended: Recommended) -> None:
        self._token_file = token_file
        self._recommended = recommended
        try:
            self._server = _Server((host, port), self._handler())
        except OSError as error:
            raise ConfigurationInvalid(
                f"port {port} on {host} is taken or not allowed ({error.strerror}); choose another with {_VARIABLE}"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="heavylift-keda")

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

    def answer(self, path: str, authorization: str) -> tuple[HTTPStatus, dict[str, Any]]:
        """Status and body for a GET."""
        if not self._knows(authorization):
            return _problem(HTTPStatus.UNAUTHORIZED, "the token is missing or another; it goes as `Authorization: Bearer …`")
        if not path.startswith(_PREFIX):
            return _problem(HTTPStatus.NOT_FOUND, f"there is no {path}; try {_PREFIX}NAME")
        return self._recommendation(path.removeprefix(_PREFIX))

    def _recommendation(self, pool: str) -> tuple[HTTPStatus, dict[str, Any]]:
        try:
            pods = self._recommended(pool)
        except KeyError:
            return _problem(HTTPStatus.NOT_FOUND, f"there is no pool {pool}; the names are those of HEAVYLIFT_AUTOSCALER_POOLS")
        if pods is None:
            return _problem(
                HTTPStatus.SERVICE_UNAVAILABLE, f"how many pods {pool} should have is not known now; keep those that there are"
            )
        return HTTPStatus.OK, {"pods": pods}

    def _knows(self, authorization: str) -> bool:
        token = self._token_file.read_text().strip()
        return bool(token) and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5  # seconds; a client that says nothing is let go

            def do_GET(self) -> None:
                status, told = server.answer(self.path.partition("?")[0], self.headers.get("Authorization", ""))
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json" if status is HTTPStatus.OK else "application/problem+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """A question every second is not worth a line."""

        return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is not worth a traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _problem(status: HTTPStatus, detail: str) -> tuple[HTTPStatus, dict[str, Any]]:
    return status, {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
