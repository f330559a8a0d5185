"""Kinds of task as a worker would publish them, for tests of those who read the catalogue."""

from heavylift.catalogue import Kind
from heavylift.record import Executor, Form, Priority
from heavylift.retry import RetryPolicy

THUMBNAIL = Kind(
    name="images.thumbnail",
    description="Make a smaller copy of an image.",
    payload_schema={
        "type": "object",
        "properties": {
            "source": {"type": "string", "maxLength": 1000},
            "width": {"type": "integer", "minimum": 1},
            "sizes": {"type": "array", "items": {"type": "object", "properties": {"width": {"type": "integer"}}}},
        },
        "required": ["source", "width"],
        "additionalProperties": False,
    },
    result_schema={"type": "object"},
)

WELCOME = Kind(
    name="mail.welcome",
    queue="mail",
    priority=Priority.HIGH,
    executor=Executor.THREADS,
    timeout=30.0,
    retry=RetryPolicy(max_attempts=7, base=0.5),
    payload_schema={"type": "object", "properties": {"to": {"type": "string", "format": "email"}}, "required": ["to"]},
)

#: Takes any JSON at all.
ANYTHING = Kind(name="demo.anything")

CALL = Kind(
    name="proj.add",
    form=Form.CALL,
    payload_schema={
        "type": "object",
        "properties": {"args": {"type": "array"}, "kwargs": {"type": "object"}},
        "additionalProperties": False,
    },
)

KINDS = (THUMBNAIL, WELCOME, ANYTHING, CALL)
