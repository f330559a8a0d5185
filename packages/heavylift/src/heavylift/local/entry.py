"""Who may come in: on loopback anybody, and elsewhere whoever has a key."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from heavylift.access import is_loopback, new_key

AUTH: Final = "HEAVYLIFT_AUTH"
FIRST_KEY_FILE: Final = "HEAVYLIFT_API_FIRST_KEY_FILE"


def entry(host: str, directory: Path | None, said: Mapping[str, str]) -> dict[str, str]:
    """Variables for an API that listens on ``host``, beside those that somebody has ``said``, which count more.

    Where a key is asked for, the first one is in the ``directory``, made if need be.
    """
    auth = said.get(AUTH) or ("off" if is_loopback(host) else "on")
    if auth == "off" or said.get(FIRST_KEY_FILE) or directory is None:
        return {AUTH: auth}
    return {AUTH: auth, FIRST_KEY_FILE: str(_first_key(directory).resolve())}


def _first_key(directory: Path) -> Path:
    file = directory / "first-key"
    directory.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(f"{new_key().text}\n")
    return file
