"""Which cluster, and how to get there: the verbs of ``deploy/kind``, as a person would type them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster by the name under which ``make up TARGET=`` knows it. ``program`` starts the one that is called cluster."""

    name: str
    program: Path
    tag: str

    @classmethod
    def chosen(cls) -> "Target":
        """The one that TARGET, CLUSTER and TAG choose; ``make e2e`` passes them on."""
        program = ROOT / os.environ.get("CLUSTER", "../shared/cluster/cluster")
        return cls(os.environ.get("TARGET", "cluster"), program.resolve(), os.environ.get("TAG", "0.1.0"))

    def enter(self) -> None:
        """Start it unless it runs, and point this process' kubectl, helm and Kubernetes client there."""
        self._say("up")
        lines = self._say("settings").split("export ", 1)[-1]
        for pair in lines.split():
            name, _, value = pair.partition("=")
            os.environ[name] = os.path.expandvars(value.strip("'"))

    def load(self, *archives: Path) -> None:
        """Bring the images of this tag, and others by their archives, into its nodes."""
        self._say("load", ARCHIVES=" ".join(map(str, archives)))

    def bring(self, addon: str) -> None:
        """Have `metrics-server` or `keda`. Elsewhere than on `cluster` they must be there."""
        if self.name == "cluster":
            subprocess.run([self.program, "addon", addon], check=True, stdout=subprocess.PIPE)

    def leave(self) -> None:
        """End it."""
        self._say("down")

    def _say(self, verb: str, **settings: str) -> str:
        known = {"TARGET": self.name, "CLUSTER": str(self.program), "TAG": self.tag}
        return subprocess.run(
            ["deploy/kind/run.sh", verb],
            cwd=ROOT,
            env={**os.environ, **known, **settings},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
