"""The command ``heavylift``: one word says what to run, and each installed package brings its own words."""

from heavylift.cli.command import ENTRY_POINT_GROUP, main

__all__ = ["ENTRY_POINT_GROUP", "main"]
