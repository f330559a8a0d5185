"""``/livez``, ``/readyz`` and ``/metrics`` of a program that serves nothing else over HTTP, from a thread of its own."""

import json
import sys
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from heavylift.errors import ConfigurationInvalid
from heavylift.telemetry.metrics import Metrics

Answer = tuple[HTTPStatus, str, bytes]


class ProbeServer:
    """``/livez`` says that the process answers, ``/readyz`` what ``faults`` finds. ``variable`` names the setting of the port.

    Raises ConfigurationInvalid when the port cannot be had.
    """

    def __init__(self, host: str, port: int, metrics: Metrics, *, faults: Callable[[], Sequence[str]], variable: str) -> None:
        self._metrics = metrics
        self._faults = faults
        try:
            self._server = _Server((host, port), self._handler())
        except OSError as error:
            raise ConfigurationInvalid(
                f"port {port} on {host} is taken or not allowed ({error.strerror}); choose another with {variable}"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="heavylift-probes"
        )

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

    def answer(self, path: str, accept: str) -> Answer:
        """Status, content type and body for a GET."""
        routes: dict[str, Callable[[], Answer]] = {
            "/livez": lambda: _status(HTTPStatus.OK, []),
            "/readyz": self._readiness,
            "/metrics": lambda: self._render_metrics(accept),
        }
        route = routes.get(path.partition("?")[0])
        return route() if route else _status(HTTPStatus.NOT_FOUND, [f"there is no {path}; try {', '.join(routes)}"])

    def _readiness(self) -> Answer:
        faults = list(self._faults())
        return _status(HTTPStatus.SERVICE_UNAVAILABLE if faults else HTTPStatus.OK, faults)

    def _render_metrics(self, accept: str) -> Answer:
        body, content_type = self._metrics.render(accept)
        return HTTPStatus.OK, content_type, body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5  # seconds; a client that says nothing is let go

            def do_GET(self) -> None:
                status, content_type, body = server.answer(self.path, self.headers.get("Accept", ""))
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """A probe every second is not worth a line."""

        return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, as a kubelet does that has waited long enough, is not worth a traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _status(status: HTTPStatus, faults: list[str]) -> Answer:
    state = "ok" if status is HTTPStatus.OK else "unavailable"
    return status, "application/json", json.dumps({"status": state, "faults": faults}).encode()
