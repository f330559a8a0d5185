"""A running task says how far it is."""

import json
from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits


@dataclass(frozen=True, slots=True)
class Progress(Call[bool]):
    """A running task says how far it is. False when the fence is stale."""

    script = "progress"
    id: str
    fence: int
    progress: Any

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, str(self.fence), json.dumps(self.progress)]

    def parse(self, reply: Any) -> bool:
        return bool(reply)
