"""What KEDA asks: how many pods a pool should have. ``GET /pools/NAME`` is answered ``{"pods": 5}`` to who has the token.

What is not known is answered 503 and never with a number, so that KEDA holds what there is.
"""

import hmac
import json
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from heavylift.telemetry.http_thread import Answer, HttpThread

#: How many pods the pool of that name should have; None when that is not known now. Raises KeyError when there is no such pool.
Recommended = Callable[[str], int | None]

_PREFIX: Final = "/pools/"
_VARIABLE: Final = "HEAVYLIFT_AUTOSCALER_KEDA_PORT"


class KedaServer(HttpThread):
    """Answers from a thread of its own. The token is read from its file for each request, so that it may be changed.

    Raises ConfigurationInvalid when the port cannot be had.
    """

    def __init__(self, host: str, port: int, token_file: Path, recommended: Recommended) -> None:
        self._token_file = token_file
        self._recommended = recommended
        super().__init__(
            *(host, port, lambda path, headers: self._written(path, headers.get("Authorization", ""))),
            name="heavylift-keda",
            variable=_VARIABLE,
        )

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

    def _written(self, path: str, authorization: str) -> Answer:
        status, told = self.answer(path.partition("?")[0], authorization)
        content_type = "application/json" if status is HTTPStatus.OK else "application/problem+json"
        return status, content_type, json.dumps(told).encode()


def _problem(status: HTTPStatus, detail: str) -> tuple[HTTPStatus, dict[str, Any]]:
    return status, {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
