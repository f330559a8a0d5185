"""The text of a stream of events (text/event-stream), cut into its events as it comes."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """One event as it stood in the stream."""

    id: str | None
    event: str
    data: Any


class EventBlocks:
    """Takes bytes in as they come, and gives out whole events. ``retry`` is after how many seconds to come back after a break."""

    def __init__(self) -> None:
        self._rest = b""
        self.retry = 1.0

    def take(self, more: bytes) -> list[Block]:
        """The events that are complete now."""
        *whole, self._rest = (self._rest + more).replace(b"\r\n", b"\n").split(b"\n\n")
        return [block for text in whole if (block := self._read(text.decode())) is not None]

    def _read(self, text: str) -> Block | None:
        fields: dict[str, str] = {}
        for line in text.split("\n"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        if fields.get("retry", "").isdecimal():
            self.retry = int(fields["retry"]) / 1000
        if "data" not in fields:
            return None
        return Block(fields.get("id"), fields.get("event", "message"), json.loads(fields["data"]))
