"""``make demo``: the whole way on real input."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demo_proves_everything_and_says_so() -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "examples.demo"], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )

    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert [line.split("│")[1:3] for line in demo.stdout.splitlines() if line.startswith("│")][1:] == [
        [" ✓ ", " demo.sleep       "],
        [" ✓ ", " image.thumbnails "],
        [" ✓ ", " mail.welcome     "],
        [" ✓ ", " demo.sleep       "],
    ]
    assert "queued 0.00 → running" in demo.stdout
    assert re.search(r"slept 1\.5 s; after \d\.\d of 1\.5 s a long-poll saw it running and another succeeded", demo.stdout)
    assert re.search(r"cancelled .* called off after \d\.\d of 20 s", demo.stdout)
    assert demo.stdout.endswith("all of it worked\n")


def test_a_demo_in_which_something_does_not_work_fails_and_says_what() -> None:
    # Given a worker that refuses pictures as large as the photograph
    environment = os.environ | {"HEAVYLIFT_IMAGE_MAX_PIXELS": "1000000"}

    demo = subprocess.run(
        [sys.executable, "-m", "examples.demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )

    assert demo.returncode == 1
    assert "failed: the picture has 1411 x 1411 pixels; HEAVYLIFT_IMAGE_MAX_PIXELS allows 1,000,000" in demo.stdout
    assert demo.stderr == "\nthe demo failed: image.thumbnails\n"
