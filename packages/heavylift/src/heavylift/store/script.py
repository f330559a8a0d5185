"""The scripts: one transition each, put together of its own text and the parts that it needs."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

_NEEDS: Final = re.compile(r"^-- Needs: (.+)\.$", re.MULTILINE)
_SELDOM_NEEDS: Final = re.compile(r"^-- Seldom needs: (.+)\.$", re.MULTILINE)
_CALLS: Final = re.compile(r"^-- Calls: (.+)\.$", re.MULTILINE)
_DECLARATION: Final = re.compile(r"^local (?:function (\w+)|([\w, ]+?) =)", re.MULTILINE)


class Script:
    """The text of one transition, and its digest.

    Before it stand the parts that it needs, each once, and those that they need; what it has put off is done after it. A call
    of a script makes every function that its text defines, which for tiny tasks is a good part of the call. So what it needs
    seldom is only made once it says ``seldom()``. One that calls another has that as a function of its name, to which it gives an
    ARGV: so a transition that is a part of another one is defined once.
    """

    def __init__(self, name: str) -> None:
        body = _read(f"{name}.lua")
        called = {other: _read(f"{other}.lua") for other in _names(body, _CALLS)}
        texts = [*called.values(), body]
        parts = tuple(dict.fromkeys(("keys", *(part for text in texts for part in _parts(text, _NEEDS)))))
        rest = dict.fromkeys(part for text in texts for part in _parts(text, _SELDOM_NEEDS))
        seldom = [part for part in rest if part not in parts]
        functions = [f"local function {other}(ARGV)\n{text}\nend" for other, text in called.items()]
        before = "\n".join([*(_read(f"parts/{part}.lua") for part in parts), _put_off(seldom), *functions])
        after = "flush()\n" if "batch" in parts else ""
        self.text = f"{before}\nlocal function run()\n{body}\nend\nlocal reply = run()\n{after}return reply\n"
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


@cache
def script(name: str) -> Script:
    """The script of this name, read once."""
    return Script(name)


def _names(text: str, told: re.Pattern[str]) -> Iterator[str]:
    for names in told.findall(text):
        yield from names.split(", ")


def _parts(text: str, needs: re.Pattern[str]) -> Iterator[str]:
    """What a text needs, in an order in which each comes after all that it needs itself."""
    for name in _names(text, needs):
        yield from _parts(_read(f"parts/{name}.lua"), _NEEDS)
        yield name


def _put_off(parts: Sequence[str]) -> str:
    """The text of ``seldom()``, which gives what these parts define to the names that stand before it."""
    if not parts:
        return ""
    text = "\n".join(_read(f"parts/{part}.lua") for part in parts)
    names = ", ".join(function or values for function, values in _DECLARATION.findall(text))
    defined = re.sub(r"^local ", "", text, flags=re.MULTILINE)
    return f"local {names}\nlocal function seldom()\n{defined}\nfunction seldom() end\nend\n"


def _read(path: str) -> str:
    return (files("heavylift.store") / "scripts" / path).read_text()
