"""What a process and its descendants have used."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import process_tree
from heavylift.local import processes
from tests.support.eventually import eventually

#: A parent whose child takes memory and processor time, and then waits.
FAMILY = """
import os, sys, time
if os.fork() == 0:
    held = bytearray(os.urandom(1) * 50_000_000)
    while time.process_time() < 0.3: pass
    print("ready", flush=True)
time.sleep(60)
"""


@contextmanager
def family() -> Iterator["subprocess.Popen[bytes]"]:
    process = processes.start([sys.executable, "-c", FAMILY], output=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process_tree.kill(process.pid)
        process.wait()
        process.stdout.close()


def test_descendants_are_counted_with_their_processor_time_and_memory() -> None:
    with family() as parent:
        assert len(process_tree.members(parent.pid)) == 2
        assert process_tree.processor_seconds(parent.pid) >= 0.25  # the kernel counts in ticks of 10 ms
        assert process_tree.memory_bytes(parent.pid) > 50_000_000


def test_killing_ends_descendants_too() -> None:
    with family() as parent:
        child = process_tree.members(parent.pid)[1]

        process_tree.kill(parent.pid)
        parent.wait()

        eventually(lambda: process_tree.memory_bytes(child), holds=lambda held: held == 0, claim="the end of the child")


def test_a_process_that_is_gone_has_used_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    assert process_tree.memory_bytes(gone.pid) == 0
    assert process_tree.processor_seconds(gone.pid) == 0
