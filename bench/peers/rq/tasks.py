"""rq's tasks: plain functions that it finds by name."""

from kit.work import noop, pause, stamp

__all__ = ["noop", "pause", "stamp"]
