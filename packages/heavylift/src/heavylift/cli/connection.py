"""The connection of a word to Heavylift, and who it is there."""

import sys
from contextvars import ContextVar
from typing import Annotated, Final

import typer

from heavylift.client import Client, connecting
from heavylift.client.connecting import Connection

Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Where Heavylift is, instead of what HEAVYLIFT_URL says.", show_default=False),
]

PATIENCE: Final = 5.0  #: Seconds for each request with its repetitions: a person waits.

_ASKED: Final[ContextVar[str | None]] = ContextVar("asked_address", default=None)
#: A key that was typed in. Keys come from a file, the environment or a prompt, never from the words: others can read those.
_TYPED: Final[ContextVar[str | None]] = ContextVar("typed_key", default=None)


def connect(url: str | None) -> Client:
    """A client of what is at the URL, or where the settings say. Raises ConfigurationInvalid."""
    client = Client(url, key=_TYPED.get(), timeout=PATIENCE)
    _ASKED.set(client.address)
    return client


def connection(url: str | None) -> Connection:
    """The same without a client: for what is asked in other words than a client's."""
    found = connecting.connect(url, _TYPED.get(), PATIENCE)
    _ASKED.set(found.address)
    return found


def asked() -> str | None:
    """The address that was connected to last, for a sentence about it; it tells no secret."""
    return _ASKED.get()


def ask_for_key() -> bool:
    """Let a person type in a key for the next connections; False where nobody sits there, or typed one in before."""
    if _TYPED.get() is not None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    try:
        _TYPED.set(typer.prompt("A key is asked for (HEAVYLIFT_KEY_FILE spares you typing it)", hide_input=True, err=True))
    except typer.Abort:
        raise KeyboardInterrupt from None
    return True
