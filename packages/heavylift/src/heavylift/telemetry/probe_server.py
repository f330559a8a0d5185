"""``/livez``, ``/readyz`` and ``/metrics`` of a program that serves nothing else over HTTP, from a thread of its own."""

import json
from collections.abc import Callable, Sequence
from http import HTTPStatus

from heavylift.telemetry.http_thread import Answer, HttpThread
from heavylift.telemetry.metrics import Metrics


class ProbeServer(HttpThread):
    """``/livez`` says that the process answers, ``/readyz`` what ``faults`` finds. ``variable`` names the setting of the port.

    Raises ConfigurationInvalid when the port cannot be had.
    """

    def __init__(self, host: str, port: int, metrics: Metrics, *, faults: Callable[[], Sequence[str]], variable: str) -> None:
        self._metrics = metrics
        self._faults = faults
        super().__init__(
            *(host, port, lambda path, headers: self.answer(path, headers.get("Accept", ""))),
            name="heavylift-probes",
            variable=variable,
        )

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


def _status(status: HTTPStatus, faults: list[str]) -> Answer:
    state = "ok" if status is HTTPStatus.OK else "unavailable"
    return status, "application/json", json.dumps({"status": state, "faults": faults}).encode()
