"""The scripts: one transition each, put together of its own text and the parts that it needs."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

_NEEDS: Final = re.compile(r"^-- Needs: (.+)\.$", re.MULTILINE)


class Script:
    """The text of one transition, and its digest.

    Before it stand the parts that it needs, each once, and those that they need; what it has put off is done after it. A call
    of a script makes every function that its text defines, so a part that is not needed would cost every call.
    """

    def __init__(self, name: str) -> None:
        body = _read(f"{name}.lua")
        parts = tuple(dict.fromkeys(("keys", *_parts(body))))
        after = "flush()\n" if "batch" in parts else ""
        before = "\n".join(_read(f"parts/{part}.lua") for part in parts)
        self.text = f"{before}\nlocal function run()\n{body}\nend\nlocal reply = run()\n{after}return reply\n"
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


@cache
def script(name: str) -> Script:
    """The script of this name, read once."""
    return Script(name)


def _parts(text: str) -> Iterator[str]:
    """What a text needs, in an order in which each comes after all that it needs itself."""
    for names in _NEEDS.findall(text):
        for name in names.split(", "):
            yield from _parts(_read(f"parts/{name}.lua"))
            yield name


def _read(path: str) -> str:
    return (files("heavylift.store") / "scripts" / path).read_text()
