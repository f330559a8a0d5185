"""What every request goes through: a name, a limit to its body, and a line in the log. Pure ASGI, so nothing is buffered."""

import re
import time
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heavylift_api.errors import BodyEncoded, BodyTooLarge, problem_response

#: Asked every few seconds by machines; their lines would bury all others.
QUIET_PATHS: Final = frozenset({"/livez", "/readyz", "/metrics"})

_REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")

log = structlog.get_logger("heavylift.api")


class RequestContext:
    """Names the request, as the caller does in X-Request-Id or else anew, and logs how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        status: int | None = None

        async def named_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, named_send)
            except Exception as error:
                log.exception("http.crashed", method=scope["method"], path=scope["path"])
                if status is None:
                    await problem_response(error, scope["path"])(scope, receive, named_send)
            _log_end(scope, status, time.perf_counter() - began)


class BodyLimit:
    """Answers 413 as soon as a body is known to have more than ``limit`` bytes, and reads no further.

    ``others``: the limits of paths that have one of their own. What is compressed is refused: nobody knows how large it is.
    """

    def __init__(self, app: ASGIApp, limit: int, others: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._others.get(scope["path"], self._limit)
        headers = Headers(scope=scope)
        if _declared_length(headers) > limit:
            await problem_response(_too_large(limit), scope["path"])(scope, receive, send)
        elif headers.get("content-encoding", "identity") != "identity":
            await problem_response(BodyEncoded(), scope["path"])(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    total = 0

    async def counted_receive() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise _too_large(limit)
        return message

    return counted_receive


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"the body has more than {limit} bytes; keep big inputs in a file store and send their address")


def _declared_length(headers: Headers) -> int:
    try:
        return int(headers.get("content-length", "0"))
    except ValueError:  # what comes is counted anyway
        return 0


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


def _log_end(scope: Scope, status: int | None, seconds: float) -> None:
    level = "debug" if scope["path"] in QUIET_PATHS else "warning" if status is None or status >= 500 else "info"
    caller = scope.get("state", {}).get("caller")
    who = {"key": caller.key} if caller is not None and caller.key else {}
    getattr(log, level)(
        "http.request", method=scope["method"], path=scope["path"], status=status, duration=round(seconds, 6), **who
    )
