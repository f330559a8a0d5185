"""Writes the chart's README: how to install, and what each value means."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from docs.chart.comments import CHART, Path, read_comments, read_values, value_at

PAGE: Final = CHART / "README.md"

HEAD: Final = """\
# The chart

<!-- Written by `make docs` from values.yaml; a test compares the two. Change the comments there, not this page. -->

    helm install heavylift deploy/helm/heavylift

brings the API, a pool of workers and a highly available Redis. [Operations](../../../docs/operations.md) walks from there to each
runbook, and [configuration](../../../docs/configuration.md) has the variables that stand behind `settings`.
"""


def render() -> str:
    """The whole page."""
    comments, values = read_comments(), read_values()
    alone = [path for path in comments if len(path) == 1 and not _has_children(path, comments)]
    sections = [path for path in comments if len(path) == 1 and _has_children(path, comments)]
    parts = [HEAD, "## General\n", _table(alone, comments, values)]
    for section in sections:
        rows = [path for path in comments if path[0] == section[0] and path != section and comments[path]]
        parts += [
            f"## `{section[0]}`\n",
            *([f"{comments[section]}\n"] if comments[section] else []),
            _table(rows, comments, values),
        ]
    return "\n".join(parts)


def _table(rows: Sequence[Path], comments: dict[Path, str], values: dict[str, Any]) -> str:
    lines = ["| Value | Default | Meaning |", "|---|---|---|"]
    for path in rows:
        default = "" if _has_children(path, comments) else f"`{_shown(value_at(values, path))}`"
        lines.append(f"| `{'.'.join(path)}` | {default} | {comments[path]} |".replace("\\|", "|"))
    return "\n".join(lines) + "\n"


def _has_children(path: Path, comments: dict[Path, str]) -> bool:
    return any(_below(path, comments))


def _below(path: Path, comments: dict[Path, str]) -> Iterator[Path]:
    return (other for other in comments if other[: len(path)] == path and other != path and comments[other])


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
