"""Where the measuring keeps its files."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PEERS: Final = ROOT / "bench" / "peers"  #: A folder for each library: requirements, tasks, and the program that submits.
KEPT: Final = ROOT / ".bench"  #: Not in git: environments of the peers and raw results.
DOCUMENT: Final = ROOT / "docs" / "benchmarks.md"
