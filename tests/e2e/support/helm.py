"""Helm, as a person would type it."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.e2e.support.target import ROOT

CHART: Final = ROOT / "deploy/helm/heavylift"


class Release:
    """One release in one namespace. ``values`` are files in the order in which Helm reads them."""

    def __init__(self, name: str, namespace: str, *values: str) -> None:
        self.name = name
        self.namespace = namespace
        self._values = values

    def install(self, settings: Mapping[str, Any], *, chart: Path = CHART, within: int = 300) -> str:
        """Install or upgrade, and return what Helm says once everything is ready. Raises RuntimeError with Helm's words."""
        files = [word for file in self._values for word in ("--values", str(file))]
        given = [word for key, value in settings.items() for word in ("--set-json", f"{key}={json.dumps(value)}")]
        options = ["--namespace", self.namespace, "--create-namespace", "--wait", "--timeout", f"{within}s"]
        return _helm("upgrade", "--install", self.name, str(chart), *options, *files, *given)

    def test(self) -> str:
        """Run the chart's own test."""
        return _helm("test", self.name, "--namespace", self.namespace, "--timeout", "120s")

    def uninstall(self) -> None:
        """Remove it, and return when its pods are gone."""
        _helm("uninstall", self.name, "--namespace", self.namespace, "--wait", "--ignore-not-found")


def _helm(*words: str) -> str:
    done = subprocess.run(["helm", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"helm {words[0]} failed: {done.stderr or done.stdout}")
    return done.stdout
