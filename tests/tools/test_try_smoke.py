"""What CI makes of a machine that may or may not have a cluster."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Machine:
    """A machine on which `make` does as it is told here, by verb, and keeps a note of what it was asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.program = folder / "cluster"
        self._program(self.program, "")
        self._program(folder / "id", "echo 0\n")  # whoever runs the tests, here it is root
        self.does(up="", smoke="")

    def does(self, *, up: str, smoke: str) -> None:
        """What the two verbs do, as shell commands."""
        self._program(
            self._folder / "make",
            f'echo "$1" >>{self.asked_file}\ncase $1 in\nup) {up or ":"} ;;\ne2e-smoke) {smoke or ":"} ;;\nesac\n',
        )

    @property
    def asked_file(self) -> Path:
        return self._folder / "asked"

    def asked(self) -> list[str]:
        return self.asked_file.read_text().split() if self.asked_file.exists() else []

    def try_smoke(self, seconds: int = 5400, **variables: str) -> "subprocess.CompletedProcess[str]":
        path = f"{self._folder}:{os.environ['PATH']}"
        known = {
            "PATH": path,
            "CLUSTER": str(self.program),
            "CLUSTER_HOME": str(self._folder / "home"),
            "MAKE": str(self._folder / "make"),
        }
        return subprocess.run(
            [ROOT / "tools/try-smoke.sh", str(seconds)],
            cwd=self._folder,
            env={**os.environ, **known, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def _program(self, path: Path, text: str) -> None:
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_tests_run_where_a_cluster_can_be_had_and_it_is_ended_afterwards(machine: Machine):
    done = machine.try_smoke()

    assert done.returncode == 0, done
    assert "passed" in done.stdout
    assert machine.asked() == ["up", "e2e-smoke", "down"]


def test_without_a_cluster_it_says_so_and_fails_nobody(machine: Machine):
    machine.program.unlink()

    done = machine.try_smoke()

    assert (done.returncode, machine.asked()) == (0, [])
    assert "left out: there is no program at" in done.stdout


@pytest.mark.parametrize("trouble", ["echo no disk; exit 1", "sleep 20"])
def test_a_cluster_that_does_not_come_up_is_the_machines_fault_and_is_told(machine: Machine, trouble: str):
    machine.does(up=trouble, smoke="")

    done = machine.try_smoke(PREPARING="1")

    assert (done.returncode, machine.asked()) == (0, ["up", "down"])
    assert "left out: no cluster could be had within 1 s" in done.stdout


def test_tests_that_are_not_over_in_time_are_told_and_not_counted(machine: Machine):
    machine.does(up="", smoke="sleep 20")

    done = machine.try_smoke(TESTING="1")

    assert done.returncode == 0
    assert "left out: the tests were not over within 1 s" in done.stdout


def test_what_fails_once_and_then_passes_is_a_pass(machine: Machine, tmp_path: Path):
    machine.does(up="", smoke=f"[ -e {tmp_path}/once ] || {{ touch {tmp_path}/once; exit 2; }}")

    done = machine.try_smoke()

    assert done.returncode == 0
    assert machine.asked() == ["up", "e2e-smoke", "e2e-smoke", "down"]


def test_what_fails_twice_fails(machine: Machine):
    machine.does(up="", smoke="exit 2")

    done = machine.try_smoke()

    assert done.returncode == 1
    assert "failed twice" in done.stdout
    assert machine.asked()[-1] == "down"


def test_a_cluster_that_runs_already_is_left_alone(machine: Machine, tmp_path: Path):
    (tmp_path / "home/state").mkdir(parents=True)
    (tmp_path / "home/state/admin.kubeconfig").touch()

    done = machine.try_smoke()

    assert (done.returncode, machine.asked()) == (0, [])
    assert "runs already" in done.stdout


def test_it_does_not_begin_when_too_little_time_is_left(machine: Machine):
    done = machine.try_smoke(600)

    assert (done.returncode, machine.asked()) == (0, [])
    assert "only 600 s are left" in done.stdout
