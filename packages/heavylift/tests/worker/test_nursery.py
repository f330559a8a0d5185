"""The process that forks children, and the news it sends."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from heavylift.worker.deaths import of_status
from heavylift.worker.nursery import Nursery, NurseryGone
from heavylift.worker.nursery_news import Died, Forked, News
from tests.support.eventually import eventually


@contextmanager
def nursery(child_main: Callable[[str], None]) -> Iterator[Nursery]:
    running = Nursery(child_main)
    running.start()
    try:
        yield running
    finally:
        running.close()


def news(running: Nursery, *, within: float = 5.0) -> News:
    ready, _, _ = select.select([running], [], [], within)
    assert ready, "the nursery says nothing"
    return running.receive()


def wait_for_ever(errand: str) -> None:
    signal.pause()


def test_a_child_runs_its_errand_and_its_return_is_a_clean_end(tmp_path: Path) -> None:
    def write(errand: str) -> None:
        (tmp_path / errand).touch()

    with nursery(write) as running:
        running.fork(3, "somebody")
        forked, died = news(running), news(running)

    assert isinstance(forked, Forked)
    assert isinstance(died, Died)
    assert (died.slot, died.pid, died.status) == (3, forked.pid, 0)
    assert (tmp_path / "somebody").exists()


def _seconds_until_a_kill_is_known(running: Nursery, slot: int) -> float:
    running.fork(slot, f"victim {slot}")
    forked = news(running)
    assert isinstance(forked, Forked)
    before = time.monotonic()
    os.kill(forked.pid, signal.SIGKILL)
    died = news(running)
    took = time.monotonic() - before
    assert isinstance(died, Died)
    assert of_status(died.status).words == "the child was killed by SIGKILL"
    return took


def test_a_killed_child_is_reported_with_its_signal_within_a_tenth_of_a_second() -> None:
    with nursery(wait_for_ever) as running:
        took = min(_seconds_until_a_kill_is_known(running, slot) for slot in range(3))  # others use the processor, too

    assert took < 0.1


def test_an_exception_in_a_child_is_an_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(errand: str) -> None:
        raise RuntimeError("no good")

    with nursery(fail) as running:
        running.fork(0, "unlucky")
        news(running)
        died = news(running)

    assert isinstance(died, Died)
    assert of_status(died.status).words == "the child exited with code 1"
    assert "RuntimeError: no good" in capfd.readouterr().err


def test_a_signal_reaches_a_living_child_and_a_dead_one_is_left_alone() -> None:
    with nursery(wait_for_ever) as running:
        running.fork(0, "one")
        forked = news(running)
        assert isinstance(forked, Forked)
        running.signal(forked.pid, signal.SIGTERM)
        died = news(running)
        running.signal(forked.pid, signal.SIGTERM)
        running.fork(0, "two")

        assert isinstance(died, Died)
        assert died.by(signal.SIGTERM)
        assert isinstance(news(running), Forked)


def test_the_death_of_the_nursery_is_noticed_and_ends_its_children() -> None:
    running = Nursery(wait_for_ever)
    running.start()
    running.fork(0, "orphan")
    forked = news(running)
    assert isinstance(forked, Forked)
    child = forked.pid

    os.kill(running.pid, signal.SIGKILL)

    with pytest.raises(NurseryGone):
        news(running)
    eventually(lambda: not Path(f"/proc/{child}").exists() or _is_zombie(child), claim="the child's end")
    running.close()


def test_the_death_of_the_guardian_ends_nursery_and_children() -> None:
    program = (
        "import signal, sys, time\n"
        "from heavylift.worker.nursery import Nursery\n"
        "nursery = Nursery(lambda errand: signal.pause())\n"
        "nursery.start(); nursery.fork(0, 'x'); print(nursery.pid, nursery.receive().pid, flush=True); time.sleep(60)\n"
    )
    guardian = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert guardian.stdout is not None
    pids = [int(pid) for pid in guardian.stdout.readline().split()]

    guardian.kill()
    guardian.wait()
    guardian.stdout.close()

    eventually(lambda: not any(Path(f"/proc/{pid}").exists() and not _is_zombie(pid) for pid in pids), claim="the end of all")


def test_a_guardian_that_dies_before_it_has_read_the_news_is_as_dead_as_any() -> None:
    # Given news that nobody reads
    program = (
        "import select, signal, time\n"
        "from heavylift.worker.nursery import Nursery\n"
        "nursery = Nursery(lambda errand: signal.pause())\n"
        "nursery.start(); nursery.fork(0, 'x'); select.select([nursery], [], [])\n"
        "print(nursery.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as guardian:
        assert guardian.stdout is not None
        pid = int(guardian.stdout.readline())

        # When the guardian is killed, then the nursery ends without a word; it and its child hold the other end of stderr
        guardian.kill()
        _, said = guardian.communicate(timeout=10)

    assert said == b""
    eventually(lambda: not Path(f"/proc/{pid}").exists() or _is_zombie(pid), claim="the end of the nursery")


def test_a_fork_that_the_system_refuses_is_told_and_the_nursery_and_its_children_live_on() -> None:
    # Given a nursery of somebody who is not root and may have no more processes
    program = (
        "import json, os, resource, signal\n"
        "from heavylift.worker.nursery import Nursery\n"
        "os.getuid() or os.setuid(65534)\n"
        "nursery = Nursery(lambda errand: signal.pause())\n"
        "nursery.start(); nursery.fork(0, 'before'); told = [nursery.receive()]\n"
        "of_old = resource.prlimit(nursery.pid, resource.RLIMIT_NPROC, (0, resource.getrlimit(resource.RLIMIT_NPROC)[1]))\n"
        # When it is asked for a child, and again when it may have one
        "nursery.fork(1, 'refused'); told.append(nursery.receive())\n"
        "resource.prlimit(nursery.pid, resource.RLIMIT_NPROC, of_old)\n"
        "nursery.fork(1, 'again'); told.append(nursery.receive())\n"
        "print(json.dumps([[type(news).__name__, news.slot] for news in told])); print(told[1].error)\n"
        "nursery.close()\n"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True).stdout

    assert json.loads(said.splitlines()[0]) == [["Forked", 0], ["NotForked", 1], ["Forked", 1]]
    assert "Resource temporarily unavailable" in said


def test_when_memory_runs_out_a_child_goes_before_its_guardian(tmp_path: Path) -> None:
    def write(errand: str) -> None:
        (tmp_path / "child").write_text(Path("/proc/self/oom_score_adj").read_text())

    with nursery(write) as running:
        running.fork(0, "one")
        news(running)
        news(running)

    assert int((tmp_path / "child").read_text()) > int(Path("/proc/self/oom_score_adj").read_text())


def test_when_processors_are_short_a_guardian_goes_before_its_children(tmp_path: Path) -> None:
    def write(errand: str) -> None:
        (tmp_path / "child").write_text(str(os.nice(0)))

    with nursery(write) as running:
        running.fork(0, "one")
        news(running)
        news(running)

    assert int((tmp_path / "child").read_text()) == min(19, os.nice(0) + 5)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
