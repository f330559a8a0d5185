"""The comments of values.yaml: what each key means."""

import re
from pathlib import Path as File
from typing import Any, Final

import yaml

CHART: Final = File(__file__).parents[2] / "deploy" / "helm" / "heavylift"

Path = tuple[str, ...]

_KEY: Final = re.compile(r"( *)([A-Za-z][\w.-]*):")


def read_values() -> dict[str, Any]:
    """The defaults of the chart."""
    values: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    return values


def read_comments() -> dict[Path, str]:
    """The comment above each key that stands on a line of its own, by its path; empty where there is none."""
    found: dict[Path, str] = {}
    path: list[str] = []
    pending: list[str] = []
    for line in (CHART / "values.yaml").read_text().splitlines():
        if line.strip().startswith("#"):
            pending.append(line.strip().removeprefix("#").strip())
        elif key := _KEY.match(line):
            path[len(key[1]) // 2 :] = [key[2]]
            found[tuple(path)] = " ".join(pending)
            pending = []
        else:
            pending = []
    return found


def value_at(values: dict[str, Any], path: Path) -> Any:
    """What stands at that path."""
    at: Any = values
    for key in path:
        at = at[key]
    return at
