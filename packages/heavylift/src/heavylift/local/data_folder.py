"""The folder that keeps the tasks of one machine between runs: one run at a time, one server at a time."""

import fcntl
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from heavylift.errors import ConfigurationInvalid

_SERVER_LOCK: Final = "redis.lock"
_RUN_LOCK: Final = "run.lock"
_FIRST_WITH_FOLDER: Final = 7  #: Major version of Redis from which on the append-only file is several files in a folder.


@contextmanager
def sole_run(directory: Path) -> Iterator[None]:
    """Hold ``directory``, which is made if need be, for one run. Raises ConfigurationInvalid when another has it.

    The kernel lets go of the lock when the process ends, however it ends.
    """
    with _lock_file(directory, _RUN_LOCK) as file:
        if not _locked(file):
            raise ConfigurationInvalid(
                f"another run uses the folder {directory}; stop that one first, or choose another with HEAVYLIFT_LOCAL_DIRECTORY"
            )
        yield


@contextmanager
def sole_server(directory: Path, port: int, *, within: float = 20.0) -> Iterator[tuple[int, ...]]:
    """Hold the data of ``directory`` for a server that is about to be started on ``port`` and inherits the descriptor given.

    As the server keeps it open, the lock lasts as long as the server, also when that outlives the run that started it. Such
    a server is told to end first: two on one append-only file would ruin it. Raises ConfigurationInvalid when it does not.
    """
    with _lock_file(directory, _SERVER_LOCK) as file:
        _outwait_last_server(file, directory, within)
        file.seek(0)
        file.truncate()
        file.write(str(port))
        file.flush()
        yield (file.fileno(),)


def check_readable(directory: Path, server: str) -> None:
    """Raise ConfigurationInvalid when ``server`` is older than the data: Redis 6 starts empty beside what Redis 7 has written."""
    if not (directory / "appendonlydir").exists():
        return
    version = subprocess.run([server, "--version"], capture_output=True, text=True, check=False).stdout
    major = re.search(r"v=(\d+)", version)
    if major is not None and int(major[1]) < _FIRST_WITH_FOLDER:
        raise ConfigurationInvalid(
            f"the tasks in {directory} were written by Redis 7 or later and {server} is older: name a newer one with "
            "HEAVYLIFT_LOCAL_REDIS_SERVER, or another folder with HEAVYLIFT_LOCAL_DIRECTORY"
        )


def _lock_file(directory: Path, name: str) -> IO[str]:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        return (directory / name).open("a+")
    except OSError as error:
        raise ConfigurationInvalid(
            f"the folder {directory} cannot be used ({error.strerror}); choose another with HEAVYLIFT_LOCAL_DIRECTORY"
        ) from error


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _outwait_last_server(file: IO[str], directory: Path, within: float) -> None:
    deadline = time.monotonic() + within
    while not _locked(file):
        if time.monotonic() >= deadline:
            raise ConfigurationInvalid(
                f"the Redis of the last run still uses the folder {directory} and does not end; end that process and try again"
            )
        _tell_to_end(file, directory)
        time.sleep(0.05)  # the kernel can only be asked again


def _tell_to_end(file: IO[str], directory: Path) -> None:
    file.seek(0)
    port = file.read().strip()
    if not port.isdigit():
        return
    try:
        with redis.Redis(port=int(port), socket_timeout=1.0, retry=Retry(NoBackoff(), 0), decode_responses=True) as client:
            if Path(client.config_get("dir")["dir"]) == directory.resolve():  # another server may have the port by now
                client.shutdown()
    except redis.RedisError:
        return  # on its way out already
