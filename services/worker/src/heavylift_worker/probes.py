"""``/livez``, ``/readyz`` and ``/metrics`` of a worker, from a thread of the guardian."""

import json
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from heavylift.errors import ConfigurationInvalid
from heavylift.telemetry.metrics import Metrics
from heavylift.worker.guardian import Guardian
from heavylift_worker.settings import ProbeSettings

Answer = tuple[HTTPStatus, str, bytes]


class ProbeServer:
    """A companion of the guardian. ``/livez`` says that the process answers, ``/readyz`` also why it does not take tasks."""

    def __init__(self, settings: ProbeSettings, metrics: Metrics) -> None:
        self._metrics = metrics
        self._guardian: Guardian | None = None
        try:
            self._server = _Server((settings.host, settings.port), self._handler())
        except OSError as error:
            raise ConfigurationInvalid(
                f"port {settings.port} on {settings.host} is taken or not allowed ({error.strerror}); "
                "choose another with HEAVYLIFT_WORKER_HTTP_PORT"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="heavylift-probes"
        )

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def start(self, guardian: Guardian) -> None:
        """Begin to answer."""
        self._guardian = guardian
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
        assert self._guardian is not None  # noqa: S101  the thread is started with a guardian
        health = self._guardian.health()
        return _status(HTTPStatus.OK if health.ready else HTTPStatus.SERVICE_UNAVAILABLE, list(health.faults))

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
