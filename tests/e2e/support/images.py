"""The image of the workers under test: the documented example of somebody's own tasks, and the tasks of the campaigns. And one of
HAProxy, where nodes cannot pull it."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.e2e.support.target import ROOT

REPOSITORY: Final = "heavylift/worker-under-test"
HAPROXY: Final = "heavylift/haproxy-under-test"

#: What a worker's pod needs of the tests.
PARTS: Final = (
    *(f"tests/chaos/{name}.py" for name in ("__init__", "history", "journal", "tasks")),
    *(f"tests/e2e/{name}.py" for name in ("__init__", "witness/__init__", "witness/__main__")),
)


def build(tag: str) -> Path:
    """Build it from the worker's image of this tag; the archive."""
    shop = f"docker.io/heavylift/shop:{tag}"
    _build(ROOT / "examples/own_tasks", shop, worker=f"docker.io/heavylift/worker:{tag}")
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        shutil.copytree(ROOT / "tests/e2e/image", context, dirs_exist_ok=True)
        for name in PARTS:
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, context / name)
        _build(context, f"docker.io/{REPOSITORY}:{tag}", worker=shop)
    return _archive(f"docker.io/{REPOSITORY}:{tag}", ROOT / f".images/worker-under-test-{tag}.tar")


def build_haproxy(tag: str) -> Path:
    """Build HAProxy; the archive."""
    _build(ROOT / "tests/e2e/haproxy", f"docker.io/{HAPROXY}:{tag}")
    return _archive(f"docker.io/{HAPROXY}:{tag}", ROOT / f".images/haproxy-under-test-{tag}.tar")


def _build(context: Path, image: str, *, worker: str = "") -> None:
    options = ["--quiet", "--tag", image, *(["--build-arg", f"WORKER={worker}"] if worker else []), str(context)]
    if _has_buildah():
        _run("buildah", "build", "--isolation", "chroot", "--network", "host", "--layers", "--timestamp", "0", *options)
    else:
        _run("docker", "build", *options)


def _archive(image: str, archive: Path) -> Path:
    archive.unlink(missing_ok=True)
    if _has_buildah():
        _run("buildah", "push", "--quiet", image, f"docker-archive:{archive}:{image}")
    else:
        _run("docker", "save", "--output", str(archive), image)
    return archive


def _has_buildah() -> bool:
    return shutil.which("buildah") is not None


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
