"""The version before this one: its chart and its images, from the repository's history."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.e2e.support import images
from tests.e2e.support.target import ROOT, Target

TAG: Final = "previous"

#: How far back it is while no version has been named by a tag.
_COMMITS: Final = 30


def bring_previous(target: Target) -> Path:
    """Build its images and load them; its chart. PREVIOUS names another revision than the newest tag."""
    folder = ROOT / ".images/previous"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _run(f"git archive {_revision()} | tar --extract --directory {folder}")
    _run(f"tools/build-images.sh {ROOT}/.images {TAG} api worker", folder)
    target.load(ROOT / f".images/api-{TAG}.tar", images.build(TAG))
    return folder / "deploy/helm/heavylift"


def _revision() -> str:
    if named := os.environ.get("PREVIOUS"):
        return named
    found = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "HEAD~1"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or f"HEAD~{_COMMITS}"


def _run(command: str, folder: Path = ROOT) -> None:
    subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
