"""Child processes and ports."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from heavylift.errors import ConfigurationInvalid
from heavylift.local import processes

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
POLITE = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('ready', flush=True); time.sleep(60)"
)


def _started(program: str) -> "subprocess.Popen[bytes]":
    process = processes.start([sys.executable, "-c", program], output=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_a_process_that_listens_ends_by_itself() -> None:
    with _started(POLITE) as process:
        assert processes.stop(process, grace=10)
        assert process.returncode == 7


def test_a_process_that_does_not_listen_is_killed_after_its_grace() -> None:
    with _started(STUBBORN) as process:
        assert not processes.stop(process, grace=0.1)
        assert process.returncode == -signal.SIGKILL


def test_a_process_that_has_ended_already_is_left_alone() -> None:
    with processes.start([sys.executable, "-c", ""]) as process:
        process.wait()

        assert processes.stop(process, grace=1)


def test_a_process_has_a_session_of_its_own_so_that_ctrl_c_does_not_reach_it() -> None:
    with _started(POLITE) as process:
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
        processes.stop(process, grace=10)


def test_a_process_runs_where_and_with_what_it_is_given(tmp_path: Path) -> None:
    program = "import os; print(os.environ['COLOUR'], len(os.environ) < 5, os.getcwd())"

    with processes.start(
        [sys.executable, "-c", program], environment={"COLOUR": "blue"}, directory=tmp_path, output=subprocess.PIPE
    ) as process:
        assert process.communicate()[0].decode().split() == ["blue", "True", str(tmp_path)]


def test_a_free_port_can_be_listened_on() -> None:
    port = processes.free_port()

    processes.check_port("127.0.0.1", port, option="--port")
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_taken_port_is_named_with_its_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ConfigurationInvalid, match=rf"port {port} on 127.0.0.1 is taken .*; choose another with --port"):
            processes.check_port("127.0.0.1", port, option="--port")


def test_an_address_that_this_machine_does_not_have_is_told_in_the_same_way() -> None:
    with pytest.raises(
        ConfigurationInvalid, match=r"port 8000 on 192\.0\.2\.1 is taken or not allowed .*; choose another with --x"
    ):
        processes.check_port("192.0.2.1", 8000, option="--x")
