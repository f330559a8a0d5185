"""The lines of several processes in one stream, each under the name of its process."""

import threading
from collections import deque
from collections.abc import Mapping
from itertools import cycle
from typing import IO, Final, TextIO

_COLOURS: Final = (36, 33, 35, 32, 34)  #: Cyan, yellow, magenta, green, blue: readable on light and on dark.
_REMEMBERED: Final = 15  #: Lines that are told again when a process dies.


class MergedLogs:
    """Writes whole lines to ``output``, or to nowhere, and remembers the last ones of each process."""

    def __init__(self, output: TextIO | None, names: tuple[str, ...]) -> None:
        self._output = output
        self._turn = threading.Lock()
        self._prefixes = _prefixes(names, coloured=output is not None and output.isatty())
        self._last: Mapping[str, deque[str]] = {name: deque(maxlen=_REMEMBERED) for name in names}
        self._readers: dict[str, threading.Thread] = {}

    def follow(self, name: str, stream: IO[bytes]) -> None:
        """Read ``stream`` to its end, in a thread. What was remembered of an earlier process of this name is forgotten."""
        self._last[name].clear()
        self._readers[name] = threading.Thread(target=self._read, args=(name, stream), name=f"log of {name}", daemon=True)
        self._readers[name].start()

    def say(self, name: str, text: str) -> None:
        """Write ``text`` under a name, line by line."""
        with self._turn:
            for line in text.splitlines():
                self._last[name].append(line)
                if self._output is not None:
                    self._output.write(f"{self._prefixes[name]}{line}\n")
            if self._output is not None:
                self._output.flush()

    def show(self, text: str) -> None:
        """Write ``text`` as it is, so that it can be copied."""
        if self._output is not None:
            with self._turn:
                self._output.write(text)
                self._output.flush()

    def last_words(self, name: str) -> str:
        """The last lines of a process that has ended."""
        if name in self._readers:
            self._readers[name].join(timeout=2)  # seconds; its grandchildren may keep the stream open
        return "\n".join(self._last[name]) or "(it said nothing)"

    def _read(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self.say(name, line.decode(errors="replace"))


def _prefixes(names: tuple[str, ...], *, coloured: bool) -> Mapping[str, str]:
    width = max(map(len, names))
    plain = {name: f"{name:<{width}} │ " for name in names}
    if not coloured:
        return plain
    return {name: f"\x1b[{colour}m{plain[name]}\x1b[0m" for name, colour in zip(names, cycle(_COLOURS), strict=False)}
