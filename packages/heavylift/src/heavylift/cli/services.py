"""Words that installed packages bring: long-running services, each with settings and without options."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from heavylift.errors import ConfigurationInvalid

ENTRY_POINT_GROUP: Final = "heavylift.commands"

Main = Callable[[], int]  #: Runs until it is told to stop and returns the exit code.

#: Words that come with a package of their own, and its name on PyPI.
PACKAGES: Final = {word: f"heavylift-{word}" for word in ("api", "worker", "autoscaler", "scheduler")}


def services() -> dict[str, EntryPoint]:
    """What is installed here (entry points ``heavylift.commands``), by its word."""
    return {point.name: point for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name)}


def summary(point: EntryPoint) -> str:
    """What a service does in one line, of its package's metadata: importing a worker only to list it would take a second."""
    return point.dist.metadata["Summary"] if point.dist is not None else ""


def load(point: EntryPoint) -> Main:
    """What runs the service. Raises ConfigurationInvalid."""
    try:
        main: Main = point.load()
    except ImportError as error:
        raise ConfigurationInvalid(f"the command {point.name!r} cannot be loaded: {error}") from error
    return main
