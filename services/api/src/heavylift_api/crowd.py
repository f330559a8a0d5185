"""As many connections as there may be, and an answer for those beyond them."""

import resource
from collections.abc import Collection
from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from heavylift_api.errors import TooManyConnections, problem_response
from heavylift_api.middleware import QUIET_PATHS

FILES: Final = 256  #: Descriptors besides those of clients: Redis, the log, the listener.

log = structlog.get_logger("heavylift.api")


class Crowd:
    """The connections of this process, ``most`` of which are served."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.connections: Collection[object] = ()  # the server's, as soon as there is one

    @property
    def is_too_large(self) -> bool:
        """Whether there are more than may be."""
        return len(self.connections) > self.most


class CrowdLimit:
    """Answers 503 while there are too many. Probes are served, as a process with much to do is not ill."""

    def __init__(self, app: ASGIApp, crowd: Crowd) -> None:
        self._app = app
        self._crowd = crowd

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if self._crowd.is_too_large and scope["type"] == "http" and scope["path"] not in QUIET_PATHS:
            error = TooManyConnections(f"{self._crowd.most} connections are open, and this process has no room for more")
            await problem_response(error, scope["path"])(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def make_room(connections: int) -> None:
    """Let the process have so many connections open at once, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + FILES
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    if hard < wanted:
        log.warning("api.few_files", allowed=hard, wanted=wanted, message="Fewer connections fit than HEAVYLIFT_API_CONNECTIONS.")
