"""What kinds of task exist, in the words that cross from worker to API: names, schemas, limits, policies. No code."""

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from heavylift.record import Executor, Form, Priority
from heavylift.retry import NEVER, RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of task as its worker describes it.

    ``payload_schema`` and ``result_schema`` are JSON Schema (2020-12). ``timeout`` is the longest run in seconds, None for no
    limit. ``version`` changes exactly when something that a submitter can notice changes.
    """

    name: str
    description: str = ""
    form: Form = Form.PAYLOAD
    queue: str = "default"
    executor: Executor = Executor.PROCESS
    priority: Priority = Priority.NORMAL
    timeout: float | None = None
    retry: RetryPolicy = NEVER
    payload_schema: Mapping[str, Any] = field(default_factory=dict)
    result_schema: Mapping[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Twelve hex digits over everything above."""
        canonical = json.dumps(self._described(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """The text that is published to the store."""
        return json.dumps(self._described() | {"version": self.version}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The kind of a published text. Fields that this version does not know are left aside: newer workers may add some."""
        raw = json.loads(text)
        known = {name: raw[name] for name in cls.__dataclass_fields__ if name in raw}
        known["form"] = Form(raw["form"])
        known["priority"] = Priority(raw["priority"])
        known["executor"] = Executor(raw.get("executor", Executor.PROCESS))
        known["retry"] = RetryPolicy(**{f: raw["retry"][f] for f in RetryPolicy.__dataclass_fields__ if f in raw["retry"]})
        return cls(**known)

    def _described(self) -> dict[str, Any]:
        return asdict(self)


def near_names(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The names among ``known`` that a person who typed ``name`` may have meant, best first."""
    return difflib.get_close_matches(name, list(known), n=limit, cutoff=0.5)
