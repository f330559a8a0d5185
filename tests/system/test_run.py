"""What ``make run`` runs: it comes up, invites, goes on where the last run ended, and stops when told."""

import json
import os
import shlex
import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.support.development import DevelopmentProcess
from tests.support.eventually import eventually


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_when_told(tmp_path: Path, number: signal.Signals) -> None:
    # Given a run that has done a task
    with DevelopmentProcess(tmp_path) as run:
        assert run.state(run.submit("demo.add", {"a": 2, "b": 3}), wait=10) == "succeeded"
        children = run.pids()
        assert len(children) == 4, f"Redis, API, worker and scheduler, not {children}"

        # When it is told to stop, then it ends well, says so, and leaves nobody behind
        assert run.end(number) == 0
        assert "stopping; what is not done yet is kept for the next run" in run.output()
        assert "Traceback" not in run.output()
        assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_the_three_lines_that_it_prints_work(tmp_path: Path) -> None:
    with DevelopmentProcess(tmp_path) as run:
        submit, look, catalogue = [line for line in run.output().splitlines() if line.startswith("  ") and "curl -s " in line]

        # The first submits a task,
        words = shlex.split(submit.strip().removeprefix("id=$(").partition(" | ")[0])
        header, body = words[words.index("-H") + 1], words[words.index("-d") + 1]
        answer = httpx.post(words[2], content=body, headers=dict([header.split(": ")]))
        assert answer.status_code == httpx.codes.ACCEPTED
        # whose id is the fourth word between quotation marks,
        task_id = answer.text.split('"')[3]
        assert answer.json()["id"] == task_id

        # the second waits for its end,
        [*_, followed] = shlex.split(look)
        assert httpx.get(followed.replace("$id", task_id), timeout=35).json()["state"] == "succeeded"

        # and the third shows what else there is.
        [*_, listed] = shlex.split(catalogue)
        assert json.loads(body)["kind"] in {kind["name"] for kind in httpx.get(listed).json()["kinds"]}


def test_tasks_left_over_from_the_last_run_are_continued(tmp_path: Path) -> None:
    # Given a run with a task in hand that is too long for its grace, and tasks in a queue that nobody serves yet
    with DevelopmentProcess(tmp_path, HEAVYLIFT_WORKER_GRACE="0.2") as first:
        in_hand = first.submit("demo.sleep", {"seconds": 2})
        eventually(lambda: first.state(in_hand), holds=lambda state: state == "running", claim="the task in hand")
        queued = [first.submit("demo.add", {"a": number, "b": 1}, queue="later") for number in range(5)]
        assert first.end(signal.SIGINT) == 0

    # When the next run starts in the same folder, then it does them all
    with DevelopmentProcess(tmp_path, HEAVYLIFT_WORKER_QUEUES="default,later") as second:
        assert "tasks left over from the last run: 6; they go on now" in second.output()
        assert [second.state(task_id, wait=20) for task_id in (in_hand, *queued)] == ["succeeded"] * 6


def test_a_run_that_was_killed_is_continued_at_once(tmp_path: Path) -> None:
    # Given a run with a task in hand, and one in a queue that nobody serves yet
    with DevelopmentProcess(tmp_path, HEAVYLIFT_WORKER_LEASE="1") as first:
        in_hand = first.submit("demo.sleep", {"seconds": 2})
        eventually(lambda: first.state(in_hand), holds=lambda state: state == "running", claim="the task in hand")
        queued = first.submit("demo.add", {"a": 1, "b": 1}, queue="later")
        flushed = 1.5  # seconds; the file is flushed every second, and a kill loses what is younger
        assert first.state(queued, wait=flushed) == "queued"

        # When it is killed, and another is started without a pause
        orphans = first.pids()
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
        with DevelopmentProcess(tmp_path, HEAVYLIFT_WORKER_LEASE="1", HEAVYLIFT_WORKER_QUEUES="default,later") as second:
            # Then that one does what was left
            assert [second.state(task_id, wait=20) for task_id in (in_hand, queued)] == ["succeeded"] * 2

    # And nobody of the first is left, although the Redis that they knew is gone
    eventually(
        lambda: [pid for pid in orphans if Path(f"/proc/{pid}").exists()],
        holds=lambda left: not left,
        within=30,
        claim="the end of the processes that lost their run",
    )


def test_a_second_signal_kills(tmp_path: Path) -> None:
    with DevelopmentProcess(tmp_path, HEAVYLIFT_WORKER_GRACE="60") as run:
        task_id = run.submit("demo.sleep", {"seconds": 60})
        eventually(lambda: run.state(task_id), holds=lambda state: state == "running", claim="the task in hand")
        run.process.send_signal(signal.SIGINT)
        eventually(run.output, holds=lambda said: "Ctrl-C again to kill" in said, claim="the word that it is stopping")

        assert run.end(signal.SIGINT, within=5) == 130
        assert "Traceback" not in run.output()


def test_a_taken_port_is_one_sentence_that_names_the_port_and_the_option(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = DevelopmentProcess(tmp_path, HEAVYLIFT_LOCAL_PORT=str(port)).refused()

    assert code == 2
    assert f"heavylift: port {port} on 127.0.0.1 is taken" in said
    assert said.endswith("choose another with HEAVYLIFT_LOCAL_PORT, or `make run PORT=8001`\n")
    assert "Traceback" not in said


def test_a_second_run_in_the_same_folder_is_one_sentence(tmp_path: Path) -> None:
    with DevelopmentProcess(tmp_path):
        code, said = DevelopmentProcess(tmp_path).refused()

        assert code == 2
        assert said.startswith("heavylift: another run uses the folder .heavylift; stop that one first")
        assert said.count("\n") == 1


def test_when_a_process_dies_the_run_ends_and_says_which(tmp_path: Path) -> None:
    with DevelopmentProcess(tmp_path) as run:
        # When the worker is killed behind its back, then the run does not pretend to work
        [worker] = [pid for pid in run.pids() if b"heavylift_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        os.kill(worker, signal.SIGKILL)

        assert run.process.wait(timeout=20) == 2
        assert "heavylift: worker ended by SIGKILL" in run.output()
        assert run.pids() == []
