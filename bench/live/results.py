"""What was measured, kept after each part, so that a part can be measured anew and nothing is lost when one fails."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.live.scale_ins import Tally
from bench.live.seen import Order, PodLife, PoolSeen, TaskLife


def keep(path: Path, found: Mapping[str, Any]) -> None:
    """Write all of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, default=asdict) + "\n")


def kept(path: Path) -> dict[str, Any]:
    """Read it; nothing where there is none."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text())
    for pools in found.get("shapes", {}).values():
        pools.update({name: _pool(seen) for name, seen in pools.items()})
    if "scale-ins" in found:
        found["scale-ins"] = Tally(**found["scale-ins"])
    return found


def _pool(seen: Mapping[str, Any]) -> PoolSeen:
    parts = {
        "lives": [PodLife(**life) for life in seen["lives"]],
        "orders": [Order(**order) for order in seen["orders"]],
        "tasks": [TaskLife(**{**task, "began": tuple(task["began"])}) for task in seen["tasks"]],
    }
    return PoolSeen(**{**seen, **parts})
