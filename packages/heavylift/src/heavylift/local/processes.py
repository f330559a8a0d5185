"""Child processes that never outlive their parent, and ports."""

import ctypes
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from heavylift.errors import ConfigurationInvalid

_PR_SET_PDEATHSIG: Final = 1


def start(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    output: int | IO[bytes] | None = None,
    keep_open: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own, so that Ctrl-C reaches only us and we end it in order.

    On Linux the kernel sends it SIGTERM should this process die without doing so. Start it from a thread that lives as long as
    the process: the kernel looks at the thread. ``keep_open`` are descriptors that it inherits, such as that of a lock.
    """
    return subprocess.Popen(
        list(command),
        env=None if environment is None else dict(environment),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        pass_fds=keep_open,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # one prctl call, no Python state
    )


def stop(process: "subprocess.Popen[bytes]", *, grace: float) -> bool:
    """SIGTERM, then SIGKILL after ``grace`` seconds. Returns whether it ended by itself."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A port of ``host`` on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def check_port(host: str, port: int, *, option: str) -> None:
    """Raise ConfigurationInvalid, naming the port and the ``option`` that changes it, when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationInvalid(
                f"port {port} on {host} is taken or not allowed ({error.strerror}); choose another with {option}"
            ) from error


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
