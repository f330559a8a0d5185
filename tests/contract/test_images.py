"""Every service that can be run has an image, and only those."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def commands() -> set[str]:
    """The services that bring a word for the command ``heavylift``."""
    members = [tomllib.loads(path.read_text())["project"] for path in ROOT.glob("services/*/pyproject.toml")]
    return {word for member in members for word in member.get("entry-points", {}).get("heavylift.commands", {})}


def test_each_service_that_can_be_run_is_a_target_of_the_dockerfile_and_starts_by_its_own_word():
    dockerfile = (ROOT / "deploy/images/Dockerfile").read_text()

    targets = dict(re.findall(r'^FROM service AS (\S+)\nCMD \["(\S+)"\]$', dockerfile, re.MULTILINE))

    assert targets == {word: word for word in commands()}


def test_make_images_builds_each_of_them():
    (line,) = re.findall(r"^IMAGES = (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert set(line.split()) == commands()
