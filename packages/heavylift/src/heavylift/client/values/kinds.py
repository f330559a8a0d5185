"""Kinds of task, as their workers published them."""

from dataclasses import dataclass, field
from typing import Any

from heavylift.record import Form, Priority
from heavylift.retry import NEVER, RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class KindInfo:
    """A kind of task. ``payload_schema`` and ``result_schema`` are JSON Schema (2020-12); ``timeout`` is in seconds.

    ``version`` changes exactly when something above changes.
    """

    name: str
    description: str = ""
    form: Form = Form.PAYLOAD
    queue: str = "default"
    priority: Priority = Priority.NORMAL
    timeout: float | None = None
    retry: RetryPolicy = NEVER
    payload_schema: dict[str, Any] = field(default_factory=dict)
    result_schema: dict[str, Any] = field(default_factory=dict)
    version: str = ""
