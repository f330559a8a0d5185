"""Frozen values as JSON."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from heavylift.record import Record, read_value


def plain(value: Any) -> Any:
    """A value as JSON: its fields by name, times as text, and a payload as what it is."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return told | {"payload": plain(read_value(value.payload))} if isinstance(value, Record) else told
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value
