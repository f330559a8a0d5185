"""One process of the stack, played by a little program that does as it is told."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from heavylift.local import processes
from heavylift.local.interruption import Interrupted
from heavylift.local.member import Member, MemberFailed
from heavylift.local.merged_logs import MergedLogs

#: Answers /readyz with STATUS.
PROGRAM = """
import http.server, os, signal, sys
print("here I am", flush=True)
if "EXIT" in os.environ: sys.exit(int(os.environ["EXIT"]))
if "STUBBORN" in os.environ: signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(os.environ["STATUS"]))
        self.end_headers()
    def log_message(self, *args): ...
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


class Cast(Protocol):
    """Makes a member with these variables."""

    def __call__(self, *, pause: object = None, **variables: object) -> Member: ...


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    """A maker of members, all of which are gone afterwards."""
    (tmp_path / "player.py").write_text(PROGRAM)
    made: list[Member] = []

    def make(*, pause: object = time.sleep, **variables: object) -> Member:
        port = processes.free_port()
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PORT": str(port), "STATUS": "200"}
        environment |= {name: str(value) for name, value in variables.items()}
        logs = MergedLogs(None, ("player",))
        made.append(Member("player", "player", port=port, environment=environment, grace=0.5, logs=logs, pause=pause))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for member in made:
        member.kill()


def test_it_is_started_when_it_answers_that_it_is_ready(cast: Cast) -> None:
    member = cast()

    member.start()

    assert member.exit_code is None
    member.check()


def test_one_that_dies_early_is_told_with_its_last_words(cast: Cast) -> None:
    with pytest.raises(MemberFailed, match=r"^player ended with exit code 3\. Its last words:\nhere I am$"):
        cast(EXIT=3).start()


def test_one_that_is_killed_is_told_by_the_signal(cast: Cast) -> None:
    member = cast()
    member.start()

    member.kill()

    with pytest.raises(MemberFailed, match=r"^player ended by SIGKILL"):
        member.check()


def test_one_that_never_gets_ready_is_told_with_its_last_answer(cast: Cast) -> None:
    with pytest.raises(MemberFailed, match=r"not ready after 1 s: http://127.0.0.1:\d+/readyz answers 503"):
        cast(STATUS=503).start(within=1)


def test_waiting_for_it_can_be_broken_off(cast: Cast) -> None:
    def pause(_: float) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        cast(STATUS=503, pause=pause).start()


def test_one_that_does_not_end_in_its_grace_is_killed(cast: Cast) -> None:
    member = cast(STUBBORN=1)
    member.start()

    member.stop()

    assert member.exit_code == -9


def test_it_can_be_restarted_on_its_port(cast: Cast) -> None:
    member = cast()
    member.start()
    first, url = member.pid, member.url

    member.restart()

    assert member.pid != first
    assert member.url == url
    assert member.exit_code is None


def test_one_that_was_never_started_says_so_and_can_be_stopped(cast: Cast) -> None:
    member = cast()

    member.stop()
    member.kill()
    with pytest.raises(MemberFailed, match="was not started"):
        member.check()
