"""The command at a terminal."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

PROGRAM: Final = str(Path(sys.executable).with_name("heavylift"))


def _hear_interrupts() -> None:
    """As a shell does it; who runs tests in the background may have them ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """The command at a terminal of 80 columns, in a process of its own."""

    def __init__(self, url: str, *words: str, **settings: str) -> None:
        self._ours, theirs = pty.openpty()
        inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
        environment = inherited | {"HEAVYLIFT_URL": url, "TERM": "xterm-256color", "COLUMNS": "80"} | settings
        ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self._process = subprocess.Popen([PROGRAM, *words], **ends, env=environment, preexec_fn=_hear_interrupts)
        os.close(theirs)
        self.text = ""

    def read_until(self, pattern: str) -> None:
        """Until what is written so far has this."""
        while not re.search(pattern, self.text):
            assert self._read(), f"it ended, and said: {self.text}"

    def words(self) -> list[str]:
        """What anybody on this machine can read of how it was started."""
        return Path(f"/proc/{self._process.pid}/cmdline").read_text().split("\0")

    def write(self, text: str) -> None:
        """Type."""
        os.write(self._ours, text.encode())

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(2)

    def end(self) -> int:
        """All that is written until the end, and the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(timeout=10)

    def _read(self) -> bool:
        try:
            read = os.read(self._ours, 65536).decode(errors="replace")
        except OSError:  # how a terminal says that nobody is at its other end
            read = ""
        self.text += read
        assert read or self._process.wait(timeout=10) is not None
        return bool(read)
