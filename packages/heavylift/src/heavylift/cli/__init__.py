"""The command ``heavylift``: submits and follows tasks, operates an installation, and runs its services."""

from heavylift.cli.command import main

__all__ = ["main"]
