"""The first key, with which all others are made: that of a file, or one that is made up and told once."""

import sys
from pathlib import Path
from typing import Final

import structlog

from heavylift.access import KeyText, NewKey, Scope, new_key, read_key
from heavylift.store.calls import AddKey, KeyStanding
from heavylift_api.deadline import TimelyStore

NAME: Final = "first"

log = structlog.get_logger("heavylift.api")


class FirstKey:
    """``file`` has the key, and may get another one any time; without one, a key is made up where there never was any."""

    def __init__(self, store: TimelyStore, file: Path | None) -> None:
        self._store = store
        self._file = file

    async def ensure(self, known: frozenset[str]) -> bool:
        """Make the first key unless it is ``known``, also as revoked. Whether it was made."""
        if self._file is not None:
            text = read_file(self._file)
            return text is not None and text.id not in known and await self._add(text, sole=False)
        if known:
            return False
        text = new_key()
        made = await self._add(text, sole=True)
        if made:
            _tell(text)
        return made

    async def _add(self, text: KeyText, *, sole: bool) -> bool:
        key = NewKey(id=text.id, digest=text.digest, name=NAME, scopes=(Scope.ADMIN,))
        reply = await self._store.run(AddKey(key, sole))
        return reply.standing is KeyStanding.MADE


def read_file(file: Path) -> KeyText | None:
    """The key in a file, None while there is none in it."""
    try:
        found = read_key(file.read_text().strip())
    except (OSError, UnicodeDecodeError):
        found = None
    if found is None:
        log.warning("first_key.unreadable", file=str(file))
    return found


def _tell(text: KeyText) -> None:
    """To whoever sits at the terminal, and not through the log, which goes to other places."""
    sys.stderr.write(f"\nThe first key of this Heavylift, told this once. It may do everything:\n\n  {text.text}\n\n")
    sys.stderr.flush()
