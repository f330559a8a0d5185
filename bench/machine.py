"""On what it was measured, and with which versions."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.environments import pins_of
from bench.places import PEERS, ROOT
from heavylift.local.redis_server import find_redis_server


def describe() -> dict[str, str]:
    """The machine in words; nothing that tells whose it is."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": _processor(),
        "python": platform.python_version(),
        "redis": _redis(),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def versions() -> dict[str, str]:
    """Library → version, ours with its commit."""
    found = {"heavylift": f"{version('heavylift')} ({_commit()})"}
    for folder in sorted(PEERS.iterdir()):
        if (folder / "requirements.in").exists():
            found |= {name: pin for name, pin in pins_of(folder.name).items() if name.startswith(folder.name)}
    return found


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _redis() -> str:
    words = subprocess.run([find_redis_server(), "--version"], check=True, capture_output=True, text=True).stdout.split()
    return next(word.removeprefix("v=") for word in words if word.startswith("v="))


def _commit() -> str:
    found = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, check=False, capture_output=True, text=True)
    return found.stdout.strip() or "no commit"
