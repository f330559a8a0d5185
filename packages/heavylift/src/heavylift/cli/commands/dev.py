"""``heavylift dev``: the whole of Heavylift in one terminal, until Ctrl-C."""

import sys

from heavylift.cli.app import new_app
from heavylift.local import dev
from heavylift.settings import LocalSettings

app = new_app()


@app.word("dev")
def run() -> int:
    """Run everything on this machine: Redis, a worker, a scheduler and the API.

    It runs until Ctrl-C, and keeps its tasks between runs in the folder .heavylift. Set it through HEAVYLIFT_LOCAL_*
    variables (docs/configuration.md).
    """
    return dev.run(LocalSettings.load(), sys.stdout)
