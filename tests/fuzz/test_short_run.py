"""A short run, part of every run of the tests: what the OpenAPI document says is so, whatever is asked."""

import subprocess
import sys

import pytest

SECONDS = 30  #: Half a minute is enough for each operation to have its turn in each phase.


@pytest.mark.timeout(300)  # a machine with much else to do starts processes slowly
def test_no_request_that_the_description_allows_or_forbids_finds_a_fault() -> None:
    # In a process of its own: schemathesis keeps its hooks, and its warnings are not ours.
    command = [sys.executable, "-m", "tests.fuzz", "--seed", "20261121", "--seconds", str(SECONDS)]

    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "Nothing was found" in done.stdout
