"""What goes over the wire and what comes back, apart from how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request. ``path`` begins with ``/v1``.

    ``repeatable``: asked for twice it does no more than once. ``patience`` is how many seconds the service may take beyond those
    of any request, where it is asked to wait. ``follows``: a redirect is gone after, without the key where it leads elsewhere.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool = True
    patience: float = 0.0
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of ``headers`` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """No answer came back, or only part of one. ``sent``: the request may have arrived."""

    reason: str
    sent: bool


@dataclass(frozen=True, slots=True)
class Send:
    """Ask: an Answer, or Broken. ``timeout`` in seconds bounds each wait for the other side."""

    request: Request
    timeout: float


@dataclass(frozen=True, slots=True)
class Open:
    """Ask for a stream: Opened, or what Send is answered."""

    request: Request
    timeout: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream that is open; what it is made of is the transport's affair."""

    handle: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next bytes of a stream: b"" at its end, or Broken."""

    stream: Opened


@dataclass(frozen=True, slots=True)
class Shut:
    """Let a stream go."""

    stream: Opened
