"""An environment for each peer, since arq wants another redis-py than Celery; made when first asked for, kept in .bench.

What is pinned comes from what is asked for:
``uv pip compile --universal --python-version 3.11 --no-header --no-annotate requirements.in -o requirements.txt``.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from bench.places import KEPT, PEERS, ROOT


def python_of(peer: str) -> Path:
    """The Python that runs a peer, with its pinned requirements installed. Heavylift runs in the workspace's own."""
    requirements = PEERS / peer / "requirements.txt"
    if not requirements.exists():
        return Path(sys.executable)
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = KEPT / "environments" / f"{peer}-{digest}"
    if not (folder / "complete").exists():
        _make(folder, requirements)
    return folder / "bin" / "python"


def pins_of(peer: str) -> dict[str, str]:
    """Versions of what a peer asks for by name."""
    wanted = {_name(line) for line in (PEERS / peer / "requirements.in").read_text().splitlines()}
    pins = (line.partition(" ")[0].partition("==") for line in (PEERS / peer / "requirements.txt").read_text().splitlines())
    return {name: version for name, _, version in pins if name in wanted}


def find_uv() -> str:
    """The uv that the Makefile uses."""
    found = subprocess.run(["tools/find-uv.sh", sys.executable], cwd=ROOT, check=True, capture_output=True, text=True)
    return str(ROOT / found.stdout.strip())


def _make(folder: Path, requirements: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv = find_uv()
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "--requirement", str(requirements)],
    ):
        subprocess.run(command, cwd=ROOT, check=True)
    (folder / "complete").touch()  # last, so that an interrupted installation is begun anew


def _name(requirement: str) -> str:
    return requirement.partition("#")[0].partition("==")[0].partition("[")[0].strip()
